import type { BpfProgram } from '../libbpf/index.ts';
import { Limit } from '../terms/constants.ts';
import { decode } from './codec/codec.ts';
import { Trace } from './codec/layout.ts';
import type { TestRunResult } from './types.ts';

/** One frame through the program as if it had come in at `ifindex`, with the program's own account of what it did. */
export function testRun(program: BpfProgram, frame: Uint8Array, ifindex: number): TestRunResult {
  const data = new Uint8Array(Trace.size + frame.length);
  new DataView(data.buffer).setUint32(0, Limit.TRACE_MAGIC, true);
  data.set(frame, Trace.size);
  const ctx = { data: Trace.size, dataEnd: data.length, ingressIfindex: ifindex };
  const { retval, data: out } = program.testRun({ data, ctx });
  const { magic: _, ...trace } = decode(Trace, out);
  return { verdict: retval, trace, frame: out.slice(Trace.size) };
}
