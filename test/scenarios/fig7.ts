/** Figure 7 and those drawn from it: firewall between i1 and i2, VPN on i2, IDS on i1, server on i3. */
import { listener, loopbackServer, natServer, routingFirewall } from '../lab/roles.ts';
import type { HostSpec, Topology } from '../lab/topology.ts';
import { CLIENTS_ON_I0, ENGINE_ADDRESSES, outside, W1 } from './common.ts';

export const S3 = '10.0.3.11';
export const V1 = '10.0.2.5';
/** Inside the tunnel: the client's address and the VPN's. */
export const T1 = '10.9.0.2';
export const TV = '10.9.0.1';

const firewall = routingFirewall({
  outside: { on: 'i1', addresses: ['10.0.1.21/24'] },
  inside: { on: 'i2', addresses: ['10.0.2.21/24'] },
  routes: ['default via 10.0.1.2', '198.51.100.0/24 via 10.0.2.2'],
});

const vpn: HostSpec = {
  ...natServer({ on: 'i2', addresses: [`${V1}/24`], gateways: ['10.0.2.2'] }),
  forwards: true,
};

/** The lab; the server is a NAT server or owns W1. Firewall 03, IDS 04, server 05, VPN 06. */
export function fig7(server: 'nat' | 'loopback', withVpn = false): Topology {
  const fields = { on: 'i3', addresses: [`${S3}/24`], gateways: ['10.0.3.2'], owns: [W1] };
  return {
    engine: ENGINE_ADDRESSES,
    hosts: {
      ...outside,
      fw: firewall,
      ids: listener('i1'),
      s1: server === 'nat' ? natServer(fields) : loopbackServer(fields),
      ...(withVpn ? { vpn } : {}),
    },
  };
}

/** The definitions' interfaces and devices. */
export const fig7Devices = (server: 'nat' | 'loopback', withVpn = false): string => `
interfaces:
  ${CLIENTS_ON_I0}
  i1: {faces: devices}
  i2: {faces: devices}
  i3: {faces: devices}
devices:
  fw1:
    kind: inline
    function: firewall
    legs:
      outside: {interface: i1, mac: "02:00:00:00:03:01"}
      inside:  {interface: i2, mac: "02:00:00:00:03:02"}
  ids1: {kind: tap, function: ids, legs: {only: {interface: i1, mac: "02:00:00:00:04:01"}}}
  app1: {kind: server, mode: ${server}, ${server === 'nat' ? `address: ${S3}, ` : ''}legs: {only: {interface: i3, mac: "02:00:00:00:05:01"}}}
${withVpn ? `  vpn1: {kind: inline, function: vpn, mode: nat, address: ${V1}, legs: {only: {interface: i2}}}\n` : ''}`;
