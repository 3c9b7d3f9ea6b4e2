/** The memory of a test run: options, contexts and frames as the kernel takes and gives them. */
import { type Block, offsetsOf, sizeOf, struct } from './memory.ts';

const LIVE_FRAMES = 1 << 1;
/** Room for what a program puts before or behind the frame. */
const GROWTH = 2048;

const options = struct({
  sz: 'size_t',
  data_in: 'void *',
  data_out: 'void *',
  data_size_in: 'uint32_t',
  data_size_out: 'uint32_t',
  ctx_in: 'void *',
  ctx_out: 'void *',
  ctx_size_in: 'uint32_t',
  ctx_size_out: 'uint32_t',
  retval: 'uint32_t',
  repeat: 'int',
  duration: 'uint32_t',
  flags: 'uint32_t',
  cpu: 'uint32_t',
  batch_size: 'uint32_t',
});

const context = struct({
  data: 'uint32_t',
  data_end: 'uint32_t',
  data_meta: 'uint32_t',
  ingress_ifindex: 'uint32_t',
  rx_queue_index: 'uint32_t',
  egress_ifindex: 'uint32_t',
});

/** struct xdp_md, as far as a caller may set it. */
export interface XdpContext {
  /** Bytes of metadata that the data begins with: 0, or a multiple of 4 up to 32 (64 on newer kernels). */
  readonly data?: number;
  /** Default: the length of the data. */
  readonly dataEnd?: number;
  readonly ingressIfindex?: number;
  readonly rxQueue?: number;
}

export interface TestRun {
  /** The frame from its Ethernet header on; with ctx.data, that many bytes of metadata before it. */
  readonly data: Uint8Array;
  /** XDP programs only. */
  readonly ctx?: XdpContext;
  /** How often; default once. More than once costs two grace periods. */
  readonly repeat?: number;
  /** The verdicts are carried out: frames are really sent and redirected. Nothing comes back but the count of runs. */
  readonly live?: boolean;
  /** Live frames sent at a time; the kernel's default is 64. */
  readonly batch?: number;
}

export interface TestRunResult {
  /** What the program returned. */
  readonly retval: number;
  /** The frame afterwards, metadata first; empty for live frames. */
  readonly data: Uint8Array;
  /** Where metadata and frame are in `data`, as struct xdp_md says; only where the run had a ctx. */
  readonly ctx?: { readonly data: number; readonly dataEnd: number; readonly dataMeta: number };
  /** Nanoseconds, on average of the repetitions. */
  readonly durationNs: number;
}

const SIZE = sizeOf(options);
const CONTEXT_SIZE = sizeOf(context);
const at = offsetsOf(
  options,
  'sz',
  'data_in',
  'data_out',
  'data_size_in',
  'data_size_out',
  'ctx_in',
  'ctx_out',
  'ctx_size_in',
  'ctx_size_out',
  'retval',
  'repeat',
  'duration',
  'flags',
  'batch_size',
);
const contextAt = offsetsOf(context, 'data', 'data_end', 'data_meta', 'ingress_ifindex', 'rx_queue_index');

/** Options, both contexts, the frame going in and the one coming out lie in one block, in this order. */
const CONTEXT_IN = SIZE;
const CONTEXT_OUT = CONTEXT_IN + CONTEXT_SIZE;
const DATA_IN = CONTEXT_OUT + CONTEXT_SIZE;

/** Bytes of the block that a run needs. */
export const spaceFor = (run: TestRun): number => DATA_IN + 2 * run.data.length + GROWTH;

/** Lays the run out in the block. */
export function writeRun(block: Block, run: TestRun): void {
  const { view, address, bytes } = block;
  const length = run.data.length;
  bytes.fill(0, 0, DATA_IN);
  bytes.set(run.data, DATA_IN);
  view.setBigUint64(at.sz, BigInt(SIZE), true);
  view.setBigUint64(at.data_in, address + BigInt(DATA_IN), true);
  view.setUint32(at.data_size_in, length, true);
  view.setInt32(at.repeat, run.repeat ?? 1, true);
  if (run.live) {
    view.setUint32(at.flags, LIVE_FRAMES, true);
    view.setUint32(at.batch_size, run.batch ?? 0, true);
  } else {
    view.setBigUint64(at.data_out, address + BigInt(DATA_IN + length), true);
    view.setUint32(at.data_size_out, length + GROWTH, true);
  }
  if (run.ctx) writeContext(block, run, run.ctx);
}

function writeContext({ view, address }: Block, run: TestRun, ctx: XdpContext): void {
  view.setBigUint64(at.ctx_in, address + BigInt(CONTEXT_IN), true);
  view.setUint32(at.ctx_size_in, CONTEXT_SIZE, true);
  if (!run.live) {
    view.setBigUint64(at.ctx_out, address + BigInt(CONTEXT_OUT), true);
    view.setUint32(at.ctx_size_out, CONTEXT_SIZE, true);
  }
  view.setUint32(CONTEXT_IN + contextAt.data, ctx.data ?? 0, true);
  view.setUint32(CONTEXT_IN + contextAt.data_end, ctx.dataEnd ?? run.data.length, true);
  view.setUint32(CONTEXT_IN + contextAt.ingress_ifindex, ctx.ingressIfindex ?? 0, true);
  view.setUint32(CONTEXT_IN + contextAt.rx_queue_index, ctx.rxQueue ?? 0, true);
}

/** What the kernel left in the block. */
export function readResult({ view, bytes }: Block, run: TestRun): TestRunResult {
  const out = DATA_IN + run.data.length;
  const result = {
    retval: view.getUint32(at.retval, true),
    data: run.live ? new Uint8Array(0) : bytes.slice(out, out + view.getUint32(at.data_size_out, true)),
    durationNs: view.getUint32(at.duration, true),
  };
  if (!run.ctx || run.live) return result;
  const ctx = {
    data: view.getUint32(CONTEXT_OUT + contextAt.data, true),
    dataEnd: view.getUint32(CONTEXT_OUT + contextAt.data_end, true),
    dataMeta: view.getUint32(CONTEXT_OUT + contextAt.data_meta, true),
  };
  return { ...result, ctx };
}
