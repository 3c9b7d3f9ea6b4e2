import { checked } from './errors.ts';
import type { XdpMode } from './link.ts';
import { offsetsOf, struct, structBytes } from './memory.ts';
import { bpf } from './signatures.ts';

const queryOptions = struct({
  sz: 'size_t',
  prog_id: 'uint32_t',
  drv_prog_id: 'uint32_t',
  hw_prog_id: 'uint32_t',
  skb_prog_id: 'uint32_t',
  attach_mode: 'uint64_t',
});
const at = offsetsOf(queryOptions, 'prog_id', 'drv_prog_id', 'hw_prog_id', 'skb_prog_id', 'attach_mode');

/** XDP_ATTACHED_DRV, XDP_ATTACHED_SKB, XDP_ATTACHED_HW (linux/if_link.h). */
const MODES: Readonly<Record<number, XdpMode | 'offloaded'>> = { 1: 'native', 2: 'generic', 3: 'offloaded' };

export interface XdpState {
  /** 0 where nothing is attached. */
  readonly programId: number;
  readonly mode: XdpMode | 'offloaded' | 'none';
}

/** Which XDP program an interface of this thread's network namespace has; one that is not there has none. */
export function xdpQuery(ifindex: number): XdpState {
  const opts = structBytes(queryOptions, {});
  checked('query XDP of', `interface ${ifindex}`, bpf().bpf_xdp_query(ifindex, 0, opts));
  const view = new DataView(opts.buffer);
  const program = (member: keyof typeof at): number => view.getUint32(at[member], true);
  const mode = MODES[program('attach_mode')] ?? 'none';
  const programs = {
    native: program('drv_prog_id'),
    generic: program('skb_prog_id'),
    offloaded: program('hw_prog_id'),
    none: 0,
  };
  return { programId: programs[mode] || program('prog_id'), mode };
}
