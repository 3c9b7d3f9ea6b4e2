/** A site as a new user would build it: two firewalls that drop what they are not told of, a bridging IPS, an IDS, two servers, both families. */
import { bridgingFirewall, clientBehindRouter, listener, loopbackServer, routingFirewall } from '../lab/roles.ts';
import type { HostSpec, Topology } from '../lab/topology.ts';

/** The service's addresses. */
export const SHOP = { ipv4: '198.51.100.10', ipv6: '2001:db8:100::10' } as const;

/** What a firewall of the site lets through: the service, its answers, neighbours, and the engine's own probe. */
const POLICY = `table inet rules {
  chain forward {
    type filter hook forward priority 0; policy drop;
    tcp dport 80 accept
    tcp sport 80 accept
    udp dport 33461 accept
    icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem } accept
    icmp type { destination-unreachable, time-exceeded, parameter-problem } accept
  }
}`;

const firewall = (last: number): HostSpec =>
  routingFirewall({
    outside: { on: 'i1', addresses: [`10.0.1.${last}/24`, `fd00:1::${last}/64`] },
    inside: { on: 'i2', addresses: [`10.0.2.${last}/24`, `fd00:2::${last}/64`] },
    routes: [
      'default via 10.0.1.2',
      'default via fd00:1::2',
      '198.51.100.0/24 via 10.0.2.2',
      '2001:db8:100::/64 via fd00:2::2',
    ],
    nft: POLICY,
  });

const server = (last: number): HostSpec =>
  loopbackServer({
    on: 'i3',
    addresses: [`10.0.3.${last}/24`, `fd00:3::${last}/64`],
    gateways: ['10.0.3.2', 'fd00:3::2'],
    owns: [SHOP.ipv4, SHOP.ipv6],
  });

export const SITE: Topology = {
  engine: {
    i0: ['192.0.2.2/24', '2001:db8:0::2/64'],
    i1: ['10.0.1.2/24', 'fd00:1::2/64'],
    i2: ['10.0.2.2/24', 'fd00:2::2/64'],
    i3: ['10.0.3.2/24', 'fd00:3::2/64'],
    i4: [],
    i5: [],
    i6: [],
  },
  hosts: {
    ...clientBehindRouter({
      on: 'i0',
      client: ['203.0.113.7/24', '2001:db8:7::7/64'],
      clientGateway: ['203.0.113.1/24', '2001:db8:7::1/64'],
      router: ['192.0.2.1/24', '2001:db8:0::1/64'],
      routes: ['198.51.100.0/24 via 192.0.2.2', '2001:db8:100::/64 via 2001:db8:0::2'],
    }),
    fw1: firewall(21),
    fw2: firewall(22),
    ips: bridgingFirewall({ outside: { on: 'i4' }, inside: { on: 'i5' } }),
    ids: listener('i6'),
    web1: server(11),
    web2: server(12),
  },
};

export const DEFINITIONS = `interfaces:
  i0: {faces: clients, gateway: [192.0.2.1, "2001:db8:0::1"]}
  i1: {faces: devices}
  i2: {faces: devices}
  i3: {faces: devices}
  i4: {faces: devices}
  i5: {faces: devices}
  i6: {faces: devices}
devices:
  fw1: {kind: inline, function: firewall, legs: {outside: {interface: i1, address: 10.0.1.21}, inside: {interface: i2, address: 10.0.2.21}}, health: {}}
  fw2: {kind: inline, function: firewall, legs: {outside: {interface: i1, address: 10.0.1.22}, inside: {interface: i2, address: 10.0.2.22}}}
  ips: {kind: inline, forwards: bridge, function: ips, legs: {outside: {interface: i4}, inside: {interface: i5}}}
  ids: {kind: tap, function: ids, legs: {only: {interface: i6, mac: "02:00:00:00:06:01"}}}
  web1: {kind: server, mode: loopback, address: 10.0.3.11, legs: {only: {interface: i3}}}
  web2: {kind: server, mode: loopback, address: 10.0.3.12, legs: {only: {interface: i3}}}
pools:
  firewalls: {members: [fw1, fw2]}
  web: {members: [web1, web2], health: {probes: [handshake, {http: {}}]}}
services:
  shop: {customer: acme, address: [${SHOP.ipv4}, "${SHOP.ipv6}"], protocol: tcp, port: 80, sequence: [firewalls, ips, {copy: [ids]}, web]}
`;
