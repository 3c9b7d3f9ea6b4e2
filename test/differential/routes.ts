/** The kernel's routes of the engine's namespace: what SLOT_ROUTE can meet, as commands and as what they should do. */
import { address16 } from '../packets/bytes.ts';
import type { Route } from './model.ts';
import { addressHex } from './parse.ts';

/** A prefix on a NIC, and the neighbours known there. `x4` is no NIC of the engine's. */
interface Connected {
  readonly prefix: string;
  readonly nic: string;
  readonly neighbours: Readonly<Record<string, string>>;
}

const ROUTES: readonly Connected[] = [
  { prefix: '203.0.113.0/25', nic: 'n0', neighbours: { '203.0.113.5': '02:00:00:0d:00:05' } },
  { prefix: '203.0.113.128/25', nic: 'n3', neighbours: { '203.0.113.130': '02:00:00:0d:00:82' } },
  { prefix: '192.168.9.0/24', nic: 'x4', neighbours: { '192.168.9.9': '02:00:00:0d:00:09' } },
  { prefix: '2001:db8:c::/64', nic: 'n0', neighbours: { '2001:db8:c::5': '02:00:00:0d:06:05' } },
  { prefix: '2001:db8:d::/64', nic: 'n3', neighbours: { '2001:db8:d::1': '02:00:00:0d:06:01' } },
  { prefix: '2001:db8:e::/64', nic: 'x4', neighbours: { '2001:db8:e::9': '02:00:00:0d:06:09' } },
];

/** For `ip -batch -`. */
export function routeCommands(): string {
  return ROUTES.flatMap(({ prefix, nic, neighbours }) => [
    `route add ${prefix} dev ${nic}`,
    ...Object.entries(neighbours).map(
      ([address, mac]) => `neighbour add ${address} lladdr ${mac} dev ${nic} nud permanent`,
    ),
  ]).join('\n');
}

/** What a lookup of these routes gives. */
export function routeTo(ifindexes: ReadonlyMap<string, number>): (destination: string) => Route | undefined {
  return (destination) => {
    const route = ROUTES.find(({ prefix }) => isInside(destination, prefix));
    if (route === undefined) {
      return undefined;
    }
    const found = Object.entries(route.neighbours).find(([address]) => addressHex(address16(address)) === destination);
    const ifindex = ifindexes.get(route.nic) ?? 0;
    return found === undefined ? { ifindex } : { ifindex, mac: found[1] };
  };
}

function isInside(destination: string, prefix: string): boolean {
  const [address = '', length = '0'] = prefix.split('/');
  const bits = Number(length) + (address.includes(':') ? 0 : 96);
  const [one, other] = [destination, addressHex(address16(address))].map((digits) => BigInt(`0x${digits}`)) as [
    bigint,
    bigint,
  ];
  return one >> BigInt(128 - bits) === other >> BigInt(128 - bits);
}
