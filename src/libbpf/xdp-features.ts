import { BpfError } from './errors.ts';
import { askNetlink } from './netlink.ts';

/** The kernel's netdev family (linux/netdev.h, Linux 6.3 and later). */
const DEV_GET = 1;
const IFINDEX = 1;
const XDP_FEATURES = 3;

/** enum netdev_xdp_act, in the order of its bits. */
const FEATURES = ['basic', 'redirect', 'transmit', 'zeroCopy', 'offload', 'fragments', 'transmitFragments'] as const;

/**
 * `basic`: native XDP. `redirect`: frames that come in here may be redirected. `transmit`: frames may be redirected to
 * here; without it they vanish silently. `fragments`: frames larger than a page.
 */
export type XdpFeature = (typeof FEATURES)[number];

/**
 * What an interface of this thread's network namespace can do at present: drivers switch `transmit` on and off (a veth
 * has it while its peer runs NAPI). Undefined where the kernel does not tell (before Linux 6.3).
 * @throws BpfError ENODEV where there is no such interface.
 */
export function xdpFeatures(ifindex: number): ReadonlySet<XdpFeature> | undefined {
  const question = { type: IFINDEX, payload: new Uint8Array(Uint32Array.of(ifindex).buffer) };
  try {
    const answer = askNetlink('netdev', DEV_GET, question, 'query XDP features of', `interface ${ifindex}`);
    const bits = answer.find(({ type }) => type === XDP_FEATURES)?.payload[0];
    return bits === undefined ? undefined : new Set(FEATURES.filter((_, bit) => bits & (1 << bit)));
  } catch (error) {
    if (error instanceof BpfError && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
