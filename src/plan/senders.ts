import type { AddressWords } from '../terms/address.ts';
import type { PortRange } from '../terms/ports.ts';
import type { Identity } from './sequence.ts';

/** Who hands over packets on a link, and how what they send looks. */
export interface Senders {
  /** Numbers of their legs. */
  readonly legs: readonly number[];
  readonly address: AddressWords;
  readonly ports: readonly PortRange[];
  readonly flags: number;
  readonly rewrite: number;
  readonly newPort: number;
}

/** Those who send packets as the link's identity says, unchanged but for the port. */
export function senders(
  legs: readonly number[],
  { address, ports }: Pick<Identity, 'address' | 'ports'>,
  flags = 0,
  newPort = 0,
): Senders {
  return { legs, address, ports, flags, rewrite: 0, newPort };
}
