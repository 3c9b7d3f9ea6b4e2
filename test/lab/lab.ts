/** Real hosts in network namespaces around an engine: comes up in well under a second, and is gone whatever happens. */
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CapturedFrame, captured } from './capture.ts';
import { Host } from './host.ts';
import type { Program } from './program.ts';
import { run } from './run.ts';
import { scriptsFor } from './script.ts';
import { removeLab, sweepStaleLabs } from './sweep.ts';
import { allHosts, ENGINE, type HostSpec, type Topology } from './topology.ts';
import { type Seen, Wire } from './wire.ts';

const live = new Set<string>();
let guarded = false;

/** Removes every lab of this process, when it ends in whatever way it can notice. */
function guardExit(): void {
  if (guarded) {
    return;
  }
  guarded = true;
  const removeAll = (): void => live.forEach(removeLab);
  process.once('exit', removeAll);
  for (const [signal, number] of [
    ['SIGINT', 2],
    ['SIGTERM', 15],
    ['SIGHUP', 1],
  ] as const) {
    process.once(signal, () => {
      removeAll();
      process.exit(128 + number);
    });
  }
}

export class Lab {
  /** Begins the name of everything this lab makes: "hlab-4711-k3f". */
  readonly prefix: string;
  readonly folder: string;
  readonly topology: Topology;
  readonly programs: Program[] = [];
  /** What else to tell when a scenario fails. */
  readonly witnesses: (() => Promise<string>)[] = [];
  readonly #hosts: ReadonlyMap<string, Host>;
  readonly #wires: Wire[] = [];
  readonly #taps: ReturnType<typeof scriptsFor>['taps'];

  private constructor(prefix: string, topology: Topology, taps: ReturnType<typeof scriptsFor>['taps']) {
    this.prefix = prefix;
    this.folder = join(tmpdir(), prefix);
    this.topology = topology;
    this.#taps = taps;
    const host = (name: string, spec: HostSpec): Host =>
      new Host(name, `/run/netns/${prefix}-${name}`, join(this.folder, name), spec, this.programs);
    this.#hosts = new Map([...allHosts(topology)].map(([name, spec]) => [name, host(name, spec)]));
  }

  /**
   * Makes a topology.
   * @throws Error naming the host whose set-up failed; nothing is left of it then.
   */
  static async create(topology: Topology): Promise<Lab> {
    if (process.getuid?.() !== 0) {
      throw new Error('create lab: network namespaces need root (run it with sudo)');
    }
    if (live.size === 0) {
      sweepStaleLabs();
    }
    const prefix = `hlab-${process.pid}-${Math.floor(Math.random() * 36 ** 4).toString(36)}`;
    const scripts = scriptsFor(topology, prefix);
    const lab = new Lab(prefix, topology, scripts.taps);
    guardExit();
    live.add(prefix);
    try {
      mkdirSync(lab.folder, { recursive: true });
      await run('ip', ['-batch', '-'], { input: scripts.links });
      await Promise.all(
        [...scripts.setups].map(async ([host, script]) => {
          await run('nsenter', [`--net=/run/netns/${prefix}-${host}`, '--', 'sh'], { input: script }).catch((cause) => {
            throw new Error(`create lab: set up ${host}: ${(cause as Error).message}\n${script}`);
          });
        }),
      );
    } catch (error) {
      await lab.close();
      throw error;
    }
    return lab;
  }

  /** A host by name. @throws RangeError for a name the topology does not have. */
  host(name: string): Host {
    const host = this.#hosts.get(name);
    if (host === undefined) {
      throw new RangeError(`host "${name}": the lab has only ${[...this.#hosts.keys()].join(', ')}`);
    }
    return host;
  }

  get hosts(): Iterable<Host> {
    return this.#hosts.values();
  }

  get engine(): Host {
    return this.host(ENGINE);
  }

  /** Records every frame on every leg of the engine from now on; call the result to end it and have them. */
  async capture(): Promise<Recording> {
    const taps = [...this.#taps];
    const wire = await Wire.open(
      taps.map(([, end]) => ({ netns: `/run/netns/${this.prefix}-${end.host}`, nic: end.nic })),
    );
    this.#wires.push(wire);
    const names = taps.map(([segment]) => segment);
    const known = new WeakMap<Seen, CapturedFrame>();
    // A scenario may look again and again while much is under way: each frame is read once.
    const read = (seen: Seen): CapturedFrame => {
      const frame = known.get(seen) ?? captured(seen, names);
      known.set(seen, frame);
      return frame;
    };
    return {
      frames: () => wire.seen.map(read),
      quiet: async (ignore) => {
        await wire.quiet((seen) => !ignore?.(read(seen)));
        return wire.seen.map(read);
      },
      stop: async () => (await wire.close()).map(read),
    };
  }

  /** Ends every program and removes everything. Safe to call twice. */
  async close(): Promise<void> {
    await Promise.all(this.programs.map((program) => program.stop()));
    for (const wire of this.#wires) {
      wire.kill();
    }
    removeLab(this.prefix);
    live.delete(this.prefix);
  }
}

/** A capture that is under way. */
export interface Recording {
  /** Frames up to now. */
  readonly frames: () => readonly CapturedFrame[];
  /** All frames up to the moment nothing moves any more but what is ignored. */
  readonly quiet: (ignore?: (frame: CapturedFrame) => boolean) => Promise<readonly CapturedFrame[]>;
  /** Ends it; all frames. @throws Error when some were lost. */
  readonly stop: () => Promise<readonly CapturedFrame[]>;
}
