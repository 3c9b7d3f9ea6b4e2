/** Figures 15B and 20: like firewalls beside each other between i1 and i2, and servers behind them on i3. */
import { loopbackServer, routingFirewall } from '../lab/roles.ts';
import type { HostSpec, Topology } from '../lab/topology.ts';
import { CLIENTS_ON_I0, ENGINE_ADDRESSES, outside, W1 } from './common.ts';

/** The server's real address. */
export const S3 = '10.0.3.11';

const two = (number: number): string => number.toString(16).padStart(2, '0');
const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, place) => place + 1);

/** Firewalls fw1, fw2, … (hosts 03, 04, …: MACs 02:00:00:00:03:01 outside, :02 inside), stateless. */
function firewallHosts(count: number): Record<string, HostSpec> {
  const host = (number: number): HostSpec =>
    routingFirewall({
      outside: { on: 'i1', addresses: [`10.0.1.${20 + number}/24`] },
      inside: { on: 'i2', addresses: [`10.0.2.${20 + number}/24`] },
      routes: ['default via 10.0.1.2', '198.51.100.0/24 via 10.0.2.2'],
    });
  return Object.fromEntries(numbers(count).map((number) => [`fw${number}`, host(number)]));
}

/** Service addresses that the server answers for. */
export const [W2, W3, W4, W5, W9] = [20, 30, 40, 50, 90].map((last) => `198.51.100.${last}`) as [
  string,
  string,
  string,
  string,
  string,
];

/** Client, router, firewalls, and the loopback server s1 unless there are others. */
export function firewallLab(count: number, servers?: Readonly<Record<string, HostSpec>>): Topology {
  const owns = [W1, W2, W3, W4, W5, W9];
  const s1 = loopbackServer({ on: 'i3', addresses: [`${S3}/24`], gateways: ['10.0.3.2'], owns });
  return { engine: ENGINE_ADDRESSES, hosts: { ...outside, ...firewallHosts(count), ...(servers ?? { s1 }) } };
}

/** The definitions' part that goes with it: interfaces, firewalls with these rules of health, and the server app1. */
export function firewallDevices(count: number, health = '{}', mode = 'loopback'): string {
  const device = (number: number): string => {
    const leg = (nic: string, place: number): string =>
      `{interface: ${nic}, mac: "02:00:00:00:${two(number + 2)}:${two(place)}"}`;
    const legs = `{outside: ${leg('i1', 1)}, inside: ${leg('i2', 2)}}`;
    return `  fw${number}: {kind: inline, function: firewall, vendor: F${number}, health: ${health}, legs: ${legs}}`;
  };
  return `interfaces:
  ${CLIENTS_ON_I0}
  i1: {faces: devices}
  i2: {faces: devices}
  i3: {faces: devices}
devices:
${numbers(count).map(device).join('\n')}
  app1: {kind: server, mode: ${mode}, address: ${S3}, health: off, legs: {only: {interface: i3}}}
`;
}

/** One exchange with a service through a firewall and to the server: rows of a table of legs. */
export const walk = (service: string, firewall: string): string => `
| 1 | client → engine   | i0 | –  | U1         | ${service} | d 80 | R_M            | E0_M           |
| 2 | engine → firewall | –  | i1 | U1         | ${service} | d 80 | E1_M           | ${firewall}0_M |
| 3 | firewall → engine | i2 | –  | U1         | ${service} | d 80 | ${firewall}1_M | E2_M           |
| 4 | engine → server   | –  | i3 | U1         | ${service} | d 80 | E3_M           | S1_M           |
| 5 | server → engine   | i3 | –  | ${service} | U1         | s 80 | S1_M           | E3_M           |
| 6 | engine → firewall | –  | i2 | ${service} | U1         | s 80 | E2_M           | ${firewall}1_M |
| 7 | firewall → engine | i1 | –  | ${service} | U1         | s 80 | ${firewall}0_M | E1_M           |
| 8 | engine → client   | –  | i0 | ${service} | U1         | s 80 | E0_M           | R_M            |`;

/** Begins a table whose rows follow. */
export const HEADING = `
| # | from → to | in | out | src IP | dst IP | port | src MAC | dst MAC |
|---|-----------|----|-----|--------|--------|------|---------|---------|`;
