/** Records frames of several NICs in several namespaces, by one helper process (wire.c), in the order of the kernel's clock. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The helper, built by make. */
export const WIRE = fileURLToPath(new URL('../../.output/test/lab/wire', import.meta.url));

const HEADER = 20;
const READY = 0xffffffff;
const LOST = 0xfffffffe;

/** A frame seen at one end of a cable. */
export interface Seen {
  /** Place of the NIC among those listened on. */
  readonly tap: number;
  /** It left by this NIC (else it arrived there). */
  readonly left: boolean;
  /** Its checksum is not finished: put together by the receiver's GRO (arriving), or half made by a sender (leaving). */
  readonly unfinished: boolean;
  /** Nanoseconds since 1970. */
  readonly time: bigint;
  readonly bytes: Uint8Array;
}

export class Wire {
  readonly #child: ChildProcess;
  readonly #seen: Seen[] = [];
  #rest = Buffer.alloc(0);
  #lost = 0;
  #errors = '';
  #ready = 0;
  readonly #exit: Promise<number | null>;

  private constructor(nics: readonly { netns: string; nic: string }[]) {
    this.#child = spawn(WIRE, ['capture', ...nics.flatMap((each) => [each.netns, each.nic])]);
    this.#child.stdout?.on('data', (chunk: Buffer) => this.#read(chunk));
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#errors += chunk.toString();
    });
    this.#exit = new Promise((resolve) => {
      this.#child.on('error', (error) => {
        this.#errors += error.message;
        resolve(-1);
      });
      this.#child.on('close', (code) => resolve(code));
    });
  }

  /** Listens; every frame from now on is recorded. @throws Error when a NIC cannot be listened on. */
  static async open(nics: readonly { netns: string; nic: string }[]): Promise<Wire> {
    const wire = new Wire(nics);
    let ended = false;
    void wire.#exit.then(() => {
      ended = true;
    });
    while (wire.#ready === 0) {
      if (ended) {
        throw new Error(`open capture: ${wire.#errors.trim()} (make build makes ${WIRE})`);
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return wire;
  }

  #read(chunk: Buffer): void {
    let data = Buffer.concat([this.#rest, chunk]);
    while (data.length >= HEADER) {
      const tap = data.readUInt32LE(0);
      const length = data.readUInt32LE(16);
      if (tap === READY) {
        this.#ready += 1;
      } else if (tap === LOST) {
        this.#lost += length;
      } else if (data.length < HEADER + length) {
        break;
      } else {
        const bytes = Uint8Array.from(data.subarray(HEADER, HEADER + length));
        const flags = data.readUInt32LE(4);
        this.#seen.push({
          tap,
          left: (flags & 1) !== 0,
          unfinished: (flags & 2) !== 0,
          time: data.readBigUInt64LE(8),
          bytes,
        });
      }
      data = data.subarray(HEADER + (tap >= LOST ? 0 : length));
    }
    this.#rest = data;
  }

  /** What was seen up to now, in the order it was read: grows only at its end. */
  get recorded(): readonly Seen[] {
    return this.#seen;
  }

  /** What was seen up to now, in order of time. */
  get seen(): readonly Seen[] {
    return [...this.#seen].sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
  }

  /** Waits until the helper has told everything it has seen. */
  async #synchronize(deadline: number): Promise<void> {
    const answers = this.#ready + 1;
    this.#child.stdin?.write('\n');
    while (this.#ready < answers && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Waits until 40 ms went by without a frame that counts, two seconds at most: what is under way has arrived then. */
  async quiet(counts: (seen: Seen) => boolean = () => true): Promise<void> {
    const deadline = Date.now() + 2_000;
    let looked = this.#seen.length;
    for (let moving = true; moving && Date.now() < deadline; ) {
      await new Promise((resolve) => setTimeout(resolve, 40));
      await this.#synchronize(deadline);
      moving = this.#seen.slice(looked).some(counts);
      looked = this.#seen.length;
    }
  }

  /** Ends and gives all frames. @throws Error when the helper failed or frames were lost. */
  async close(): Promise<readonly Seen[]> {
    this.#child.stdin?.end();
    const code = await this.#exit;
    if (code !== 0 || this.#lost > 0) {
      throw new Error(`close capture: ${this.#errors.trim() || `exit ${code}`}; ${this.#lost} frames lost`);
    }
    return this.seen;
  }

  /** Ends at once, whatever is left. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
