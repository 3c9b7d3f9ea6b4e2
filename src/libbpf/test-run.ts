/** BPF_PROG_TEST_RUN: a loaded program on a frame of ours, without any interface. */
import { BpfError, type Hints } from './errors.ts';
import { allocate, type Block } from './memory.ts';
import { bpf, inWorker } from './signatures.ts';
import { readResult, spaceFor, type TestRun, type TestRunResult, writeRun } from './test-run-block.ts';

const EINTR = 4;
/** Signals that may come in a row before a run is given up. */
const MAX_INTERRUPTIONS = 1000;

const HINTS: Hints = {
  EINVAL:
    'a frame has at least 14 bytes; dataEnd is its length; ingressIfindex must have an XDP-capable queue rxQueue; only XDP has ctx and live frames',
  ENOSPC: 'the program made the frame larger than there is room',
  EINTR: 'a signal came while live frames were under way: use testRunAsync',
  ENODEV: 'no interface ingressIfindex in this network namespace',
};

/** Whether to run again: interrupted by a signal, and nothing has left yet. */
const again = (result: number, run: TestRun, interruptions: number): boolean =>
  result === -EINTR && !run.live && interruptions < MAX_INTERRUPTIONS;

function refuse(object: string, result: number): never {
  const error = new BpfError('test', object, result);
  throw new BpfError('test', object, result, { hint: HINTS[error.code] });
}

/** One block serves all synchronous runs, one after the other. */
let scratch: { block: Block; size: number } | undefined;

function scratchOf(size: number): Block {
  if (!scratch || scratch.size < size) {
    scratch?.block.free();
    scratch = { block: allocate(size), size };
  }
  return scratch.block;
}

/** See BpfProgram.testRun. */
export function testRun(fd: number, object: string, run: TestRun): TestRunResult {
  const block = scratchOf(spaceFor(run));
  for (let interruptions = 0; ; interruptions++) {
    writeRun(block, run);
    const result = bpf().bpf_prog_test_run_opts(fd, block.address);
    if (again(result, run, interruptions)) continue;
    return result < 0 ? refuse(object, result) : readResult(block, run);
  }
}

/** See BpfProgram.testRunAsync; `fd` is asked before each try, since the program may be closed meanwhile. */
export async function testRunAsync(fd: () => number, object: string, run: TestRun): Promise<TestRunResult> {
  const block = allocate(spaceFor(run));
  try {
    for (let interruptions = 0; ; interruptions++) {
      writeRun(block, run);
      const result = await inWorker(bpf().bpf_prog_test_run_opts, fd(), block.address);
      if (again(result, run, interruptions)) continue;
      return result < 0 ? refuse(object, result) : readResult(block, run);
    }
  } finally {
    block.free();
  }
}
