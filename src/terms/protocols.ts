/** Protocols over IP, by the names they have in definitions; others by their number (IANA). */
export type Protocol = 'tcp' | 'udp' | 'icmp' | 'icmp6' | number;

export const PROTOCOLS = { tcp: 6, udp: 17, icmp: 1, icmp6: 58 } as const;

/** IP protocol number. */
export function protocolNumber(protocol: Protocol): number {
  return typeof protocol === 'number' ? protocol : PROTOCOLS[protocol];
}
