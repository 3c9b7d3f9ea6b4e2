/**
 * A machine to install packages on: a file system, processes and pins of its own. By default the running system's, seen
 * through an overlay that swallows all changes; with HOPLINE_TEST_ROOT a fresh one, from that tar archive.
 */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { Host } from '../lab/index.ts';
import { Program } from '../lab/program.ts';
import { attempt, type Outcome } from '../lab/run.ts';

const FRESH = process.env.HOPLINE_TEST_ROOT;
const LIMIT = 240_000;

const OVERLAY = `mount -t tmpfs tmpfs "$1"; mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o lowerdir=/,upperdir="$1/upper",workdir="$1/work" "$1/root"`;
const EXTRACT = `mkdir "$1/root"; mount --bind "$1/root" "$1/root"; tar -xpf "$2" -C "$1/root"
cp /etc/resolv.conf "$1/root/etc/resolv.conf"; cp /etc/apt/apt.conf.d/*proxy* "$1/root/etc/apt/apt.conf.d/" 2>/dev/null || :`;

/** The shell's own number, in the outer /proc, before the new one covers it. */
const HOLD = `set -e; read -r pid _ </proc/self/stat
${FRESH === undefined ? OVERLAY : EXTRACT}
cd "$1/root"; mkdir -p dev proc sys run tmp
mount --rbind /dev dev; mount -t proc proc proc; mount -t sysfs sysfs sys; mount -t bpf bpf sys/fs/bpf; mount -t tmpfs tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
echo "holder $pid"; exec chroot . sleep infinity`;

export class Root {
  readonly isFresh = FRESH !== undefined;
  readonly #folder: string;
  readonly #holder: Program;
  readonly #pid: string;

  private constructor(folder: string, holder: Program, pid: string) {
    this.#folder = folder;
    this.#holder = holder;
    this.#pid = pid;
  }

  static async create(): Promise<Root> {
    const folder = mkdtempSync(join(tmpdir(), 'hopline-root-'));
    const args = ['--mount', '--pid', '--fork', '--kill-child', 'sh', '-c', HOLD, 'sh', folder, resolve(FRESH ?? '')];
    const holder = new Program('root', 'unshare', args);
    const [, pid] = await holder.shows(/holder (\d+)/, LIMIT);
    return new Root(folder, holder, pid!);
  }

  /** Arguments of nsenter that lead into it, but not into another network namespace. */
  #into(args: readonly string[]): string[] {
    return ['--target', this.#pid, '--mount', '--pid', '--root', '--wd', '--', ...args];
  }

  /** Where a file of it is seen from outside. */
  path(file: string): string {
    return `/proc/${this.#pid}/root${file}`;
  }

  read(file: string): string {
    return readFileSync(this.path(file), 'utf8');
  }

  /** Copies a file into its /root. */
  take(file: string): string {
    mkdirSync(this.path('/root'), { recursive: true });
    copyFileSync(file, this.path(`/root/${basename(file)}`));
    return `/root/${basename(file)}`;
  }

  /** Any program, in the network namespace of the test or of a host of a lab. */
  attempt(args: readonly string[], on?: Host): Promise<Outcome> {
    const options = { limit: LIMIT, env: { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' } };
    return on === undefined
      ? attempt('nsenter', this.#into(args), options)
      : on.attempt('nsenter', this.#into(args), options);
  }

  /** @throws Error with what it said when it fails. */
  async run(args: readonly string[], on?: Host): Promise<string> {
    const { code, stdout, stderr } = await this.attempt(args, on);
    if (code !== 0) throw new Error(`${args.join(' ')}: exit ${code}: ${stdout}${stderr}`);
    return stdout;
  }

  start(args: readonly string[], on: Host): Program {
    return on.start('nsenter', this.#into(args));
  }

  async close(): Promise<void> {
    await this.#holder.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
