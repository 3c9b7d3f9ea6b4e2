import { checked } from './errors.ts';
import { FileDescriptor } from './file-descriptor.ts';
import { readProgramInfo } from './info.ts';
import { openPin, PIN_HINTS } from './pins.ts';
import { bpf } from './signatures.ts';
import { testRun, testRunAsync } from './test-run.ts';
import type { TestRun, TestRunResult } from './test-run-block.ts';

/** Of enum bpf_prog_type (linux/bpf.h), those this binding is used with. */
const TYPES: Readonly<Record<number, ProgramType>> = { 3: 'sched_cls', 6: 'xdp', 17: 'raw_tracepoint' };
export type ProgramType = 'xdp' | 'sched_cls' | 'raw_tracepoint' | 'other';

/** A loaded program. Any use after close throws BpfError EBADF. */
export class BpfProgram {
  readonly name: string;
  readonly type: ProgramType;
  readonly id: number;
  /** Hash of the instructions, in hex: two programs with one tag are the same code. */
  readonly tag: string;
  /** How errors name it. */
  readonly label: string;
  readonly #fd: FileDescriptor;

  /**
   * @param fd of a program.
   * @param options.name where the kernel's 15 bytes are too short for it.
   * @param options.owned false where the BPF object closes the descriptor.
   */
  constructor(fd: number, options: { name?: string; owned?: boolean } = {}) {
    const info = readProgramInfo(fd, `program ${options.name ?? fd}`);
    this.name = options.name ?? info.name;
    this.label = `program ${this.name}`;
    this.type = TYPES[info.type] ?? 'other';
    this.id = info.id;
    this.tag = info.tag;
    this.#fd = new FileDescriptor(fd, this.label, options.owned ?? true);
  }

  /** @throws BpfError where nothing is pinned, or something that is no program. */
  static openPinned(path: string): BpfProgram {
    return openPin('program', path, (fd) => new BpfProgram(fd));
  }

  /** The program with the number that a link or an interface names. */
  static byId(id: number): BpfProgram {
    return new BpfProgram(checked('open program with id', String(id), bpf().bpf_prog_get_fd_by_id(id)));
  }

  get fd(): number {
    return this.#fd.get();
  }

  /** Nanoseconds and runs so far, counted while `kernel.bpf_stats_enabled` is 1. */
  statistics(): { runTimeNs: bigint; runs: bigint } {
    const { runTimeNs, runs } = readProgramInfo(this.#fd.get('ask the kernel about'), this.label);
    return { runTimeNs, runs };
  }

  /** Runs the program on a frame; see {@link TestRun}. */
  testRun(run: TestRun): TestRunResult {
    return testRun(this.#fd.get('test'), this.label, run);
  }

  /**
   * As {@link testRun}, in a worker thread: for repeat > 1 and live frames, which wait for grace periods. Do not close meanwhile.
   * Worker threads are in the network namespace the process began in: ctx.ingressIfindex is one of there.
   */
  testRunAsync(run: TestRun): Promise<TestRunResult> {
    return testRunAsync(() => this.#fd.get('test'), this.label, run);
  }

  /** Keeps the program in the BPF file system, beyond this process. */
  pin(path: string): void {
    checked('pin', `${this.label} at ${path}`, bpf().bpf_obj_pin(this.#fd.get('pin'), path), PIN_HINTS);
  }

  /** Harmless when closed already. A program of a BPF object stays in the kernel until the object is closed. */
  close(): void {
    this.#fd.close();
  }

  get closed(): boolean {
    return this.#fd.closed;
  }
}
