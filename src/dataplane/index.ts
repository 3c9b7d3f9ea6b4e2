/** The only part of Hopline that talks to the kernel's BPF: loads, attaches, publishes, counts. */

export { type Peer, peerOf } from '../libbpf/index.ts';
export { Engine } from './engine.ts';
export { PinError } from './pin-root.ts';
export { inspect } from './reader.ts';
export { CapacityError } from './tables/capacity.ts';
export type * from './types.ts';
