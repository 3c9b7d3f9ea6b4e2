import { file, type Refusal } from './refusal.ts';

const ENGINE = { nics: new Map([['eth3', { addresses: [{ address: '10.0.3.1' }] }]]) };

/** Interfaces, devices and pools that are refused. */
export const FABRIC: readonly Refusal[] = [
  {
    name: 'a leg on an interface that does not exist',
    text: file({ devices: '+x1: {kind: tap, legs: {only: {interface: ▸i33, mac: "02:00:00:00:09:01"}}}' }),
    message: 'leg only of device x1 is on interface i33, which does not exist',
    hint: 'did you mean "i3"?',
  },
  {
    name: 'a leg on an interface that faces clients only',
    text: file({ devices: '+x1: {kind: tap, legs: {only: {interface: ▸i0, mac: "02:00:00:00:09:01"}}}' }),
    message: 'leg only of device x1 is on interface i0, which faces clients only',
    hint: 'write faces: both at interface i0, or name another one',
  },
  {
    name: 'a leg with neither MAC nor address',
    text: file({ devices: '+x1: {kind: tap, legs: {only: ▸{interface: i1}}}' }),
    message: 'leg only of device x1 has neither a mac nor an address, so nothing can be sent to it',
    hint: 'add mac: "02:00:00:00:01:01", or address: 10.0.2.5 to learn the MAC by ARP',
  },
  {
    name: 'an inside leg that only the outside address could be learnt by',
    text: file({
      devices:
        '+x1: {kind: inline, mode: nat, address: 10.0.1.9, legs: {outside: {interface: i1}, inside: ▸{interface: i2}}}',
    }),
    message: 'leg inside of device x1 has neither a mac nor an address, so nothing can be sent to it',
    hint: 'add mac: "02:00:00:00:01:01", or address: 10.0.2.5 to learn the MAC by ARP',
  },
  {
    name: 'an inline device with one of two legs',
    text: file({ devices: '+x1: {kind: inline, legs: ▸{outside: {interface: i1, mac: "02:00:00:00:09:01"}}}' }),
    message: 'device x1 has neither one leg nor two: outside',
    hint: 'write legs: {only: {...}}, or legs: {outside: {...}, inside: {...}}',
  },
  {
    name: 'a server with two legs',
    text: file({
      devices:
        '+x1: {kind: server, legs: ▸{outside: {interface: i1, mac: "02:00:00:00:09:01"}, inside: {interface: i2, mac: "02:00:00:00:09:01"}}}',
    }),
    message: 'device x1 is a server with two legs; only inline devices have two',
    hint: 'write legs: {only: {interface: ...}}, or kind: inline',
  },
  {
    name: 'a bridging device with a MAC',
    text: file({
      interfaces: '+i4: {}\n  i5: {}',
      devices:
        '+x1: {kind: inline, forwards: bridge, legs: {outside: {interface: i4, mac: ▸"02:00:00:00:09:01"}, inside: {interface: i5}}}',
    }),
    message:
      'leg outside of device x1 has a mac, and a bridging device is not addressed: it gives frames back as they came',
    hint: 'leave mac out, or write forwards: route',
  },
  {
    name: 'a bridging device with one leg',
    text: file({ devices: '+x1: {kind: inline, forwards: bridge, legs: {▸only: {interface: i2}}}' }),
    message: 'device x1 bridges with one leg; a bridge has two sides',
    hint: 'write legs: {outside: {interface: ...}, inside: {interface: ...}}, or forwards: route',
  },
  {
    name: 'a bridging device with both legs on one segment',
    text: file({
      devices: '+x1: {kind: inline, forwards: bridge, legs: {outside: {interface: i2}, inside: {interface: ▸i2}}}',
    }),
    message: 'bridging device x1 has both legs on one segment (i2)',
    hint: 'put its inside leg on another interface or VLAN',
  },
  {
    name: 'two bridging devices between the same segments',
    text: file({
      devices:
        '+x1: {kind: inline, forwards: bridge, legs: {outside: {interface: i2}, inside: {interface: i3}}}\n  x2: {kind: inline, forwards: bridge, legs: ▸{outside: {interface: i3}, inside: {interface: i2}}}',
    }),
    message: 'bridging devices x1 and x2 lie between the same two segments (i3, i2), which is a loop',
    hint: 'give each bridging device interfaces or VLANs of its own',
  },
  {
    name: 'a server that bridges',
    text: file({ devices: '+x1: {kind: server, forwards: ▸bridge, legs: {only: {interface: i2}}}' }),
    message: 'device x1 is a server, which forwards nothing',
    hint: 'leave forwards out, or make it kind: inline',
  },
  {
    name: 'two devices with one MAC on one segment',
    text: file({ devices: '+x1: {kind: tap, legs: {only: {interface: i1, mac: ▸"02:00:00:00:01:01"}}}' }),
    message: 'leg only of device x1 and leg outside of device fw1 have one mac on one segment (i1): 02:00:00:00:01:01',
    hint: 'correct the mac of one of them, or make them one device (a device with one leg: legs: {only: ...})',
  },
  {
    name: 'two devices with one MAC on two names of one segment',
    text: file({
      interfaces: '+i4: {vlan: 7}',
      devices:
        '+x1: {kind: tap, legs: {only: {interface: i4, mac: "02:00:00:00:09:01"}}}\n  x2: {kind: tap, legs: {only: {interface: i4, mac: ▸02-00-00-00-09-01}}}',
    }),
    message: 'leg only of device x2 and leg only of device x1 have one mac on one segment (i4): 02:00:00:00:09:01',
    hint: 'correct the mac of one of them, or make them one device (a device with one leg: legs: {only: ...})',
  },
  {
    name: 'two devices with one address on one segment',
    text: file({ devices: '+x1: {kind: server, mode: nat, address: ▸10.0.3.11, legs: {only: {interface: i3}}}' }),
    message: 'leg only of device x1 and leg only of device web1 have one address on one segment (i3): 10.0.3.11',
    hint: 'correct the address of one of them, or make them one device (a device with one leg: legs: {only: ...})',
  },
  {
    name: 'a device with the address of the gateway',
    text: file({
      interfaces: 'i0: {faces: both, gateway: 192.0.2.1}\n  i1: {}\n  i2: {}\n  i3: {}',
      devices: '+x1: {kind: tap, legs: {only: {interface: i0, address: ▸192.0.2.1}}}',
    }),
    message: 'leg only of device x1 and the gateway of interface i0 have one address on one segment (i0): 192.0.2.1',
    hint: 'correct the address of one of them, or make them one device (a device with one leg: legs: {only: ...})',
  },
  {
    name: 'a mode to be found out where nothing ends',
    text: file({
      devices: '+x1: {kind: server, mode: ▸auto, legs: {only: {interface: i1, mac: "02:00:00:00:09:01"}}}',
    }),
    message: 'device x1 has mode auto, and no service of TCP with a single port ends there to try it by',
    hint: 'name the mode: loopback, alias or nat',
  },
  {
    name: 'a mode to be found out by UDP',
    text: file({
      devices: '+x1: {kind: proxy, mode: ▸auto, legs: {only: {interface: i1, mac: "02:00:00:00:09:01"}}}',
      services: '+dns: {address: 198.51.100.11, protocol: udp, port: 53, sequence: [x1]}',
    }),
    message: 'device x1 has mode auto, and no service of TCP with a single port ends there to try it by',
    hint: 'name the mode: loopback, alias or nat',
  },
  {
    name: 'a mode to be found out of a server that nobody watches',
    text: file({
      devices: '+x1: {kind: server, mode: ▸auto, health: off, legs: {only: {interface: i1, mac: "02:00:00:00:09:01"}}}',
      services: '+web: {address: 198.51.100.11, port: 80, sequence: [x1]}',
    }),
    message: 'device x1 has mode auto, which is found by asking it, and it is not watched',
    hint: 'name the mode: loopback, alias or nat, or let it be watched (no health: off)',
  },
  {
    name: 'a mode to be found out in a file that watches nothing',
    text: `${file({
      devices: '+x1: {kind: server, mode: ▸auto, legs: {only: {interface: i1, mac: "02:00:00:00:09:01"}}}',
      services: '+web: {address: 198.51.100.11, port: 80, sequence: [x1]}',
    })}health: off\n`,
    message: 'device x1 has mode auto, which is found by asking it, and it is not watched',
    hint: 'name the mode: loopback, alias or nat, or let it be watched (no health: off)',
  },
  {
    name: 'a mode to be found out in the middle of a sequence',
    text: file({
      devices: '+x1: {kind: inline, mode: ▸auto, legs: {only: {interface: i1, mac: "02:00:00:00:09:01"}}}',
    }),
    message: 'device x1 is inline and has mode auto, which is found out at the end of a sequence only',
    hint: 'name the mode: loopback, alias or nat',
  },
  {
    name: 'a pool of known modes that differ, beside one that is to be found out',
    text: file({
      devices: '+x1: {kind: server, mode: auto, legs: {only: {interface: i3, mac: "02:00:00:00:09:01"}}}',
      pools: 'webs: {members: [x1, web1, ▸web2]}',
      services: 'web: {address: 198.51.100.11, port: 80, sequence: [webs]}',
    }),
    message: 'pool webs mixes web1 (nat) and web2 (loopback)',
    hint: 'put only devices of one kind, mode, way of forwarding and number of legs into a pool',
  },
  {
    name: 'a tap with a mode',
    text: file({
      devices: '+x1: {kind: tap, mode: ▸alias, legs: {only: {interface: i1, mac: "02:00:00:00:09:01"}}}',
    }),
    message: 'device x1 is a tap, which has no mode',
    hint: 'leave mode out; only servers, proxies and tunnel ends have one',
  },
  {
    name: 'a NAT server without an address',
    text: file({
      devices: '+x1: {kind: server, mode: ▸nat, legs: {only: {interface: i1, mac: "02:00:00:00:09:01"}}}',
    }),
    message: 'device x1 is in nat mode and has no address',
    hint: 'add the address packets are rewritten to: address: 10.0.3.11',
  },
  {
    name: 'a device answered by nobody',
    text: file({
      devices: '+x1: {kind: server, answered_by: ▸[web3], legs: {only: {interface: i1, mac: "02:00:00:00:09:01"}}}',
    }),
    message: 'device x1 is answered by web3, which is no device',
    hint: 'did you mean "web1"?',
  },
  {
    name: 'a pool with an unknown member',
    text: file({ pools: '+more: {members: [fw1, ▸fw3]}' }),
    message: 'pool more has the member fw3, which is no device',
    hint: 'did you mean "fw1"?',
  },
  {
    name: 'a pool that mixes kinds',
    text: file({ pools: '+more: {members: [fw1, ▸web2]}' }),
    message: 'pool more mixes fw1 (inline) and web2 (server)',
    hint: 'put only devices of one kind, mode, way of forwarding and number of legs into a pool',
  },
  {
    name: 'a pool that mixes modes',
    text: file({ pools: '+more: {members: [web1, ▸web2]}' }),
    message: 'pool more mixes web1 (nat) and web2 (loopback)',
    hint: 'put only devices of one kind, mode, way of forwarding and number of legs into a pool',
  },
  {
    name: 'a pool with a member twice',
    text: file({ pools: '+more: {members: [fw1, ▸fw1]}' }),
    message: 'pool more has the member fw1 twice',
    hint: 'name it once',
  },
  {
    name: 'a pool whose active member is none of it',
    text: file({ pools: '+more: {members: [fw1, fw2], active: ▸ids1}' }),
    message: 'pool more has the active member ids1, which is none of its members',
    hint: 'use one of fw1, fw2',
  },
  {
    name: 'a device and a pool of one name',
    text: file({ pools: '+▸web2: {members: [fw1, fw2]}' }),
    message: 'web2 names device web2 and pool web2',
    hint: 'rename one of them, as in web2-pool',
  },
  {
    name: 'two interfaces on one segment',
    text: file({ interfaces: '+▸i4: {nic: i3}' }),
    message: 'interfaces i3 and i4 are the same segment: nic i3, untagged',
    hint: 'make them one interface, or give one of them another nic or vlan',
  },
  {
    name: 'two gateways of one family',
    text: file({ interfaces: '+i4: {gateway: ▸[10.1.0.1, 10.1.0.2]}' }),
    message: 'interface i4 has two IPv4 gateways: 10.1.0.1 and 10.1.0.2',
    hint: 'keep one gateway of each family; a standby router shares its address (VRRP)',
  },
  {
    name: 'a gateway MAC without a gateway',
    text: file({ interfaces: '+i4: {▸gateway_mac: "02:00:00:00:09:01"}' }),
    message: 'interface i4 has a gateway_mac and no gateway',
    hint: 'add the address of the router: gateway: 192.0.2.1',
  },
  {
    name: "a device with an address of the engine's",
    text: file({ devices: '+x1: {kind: server, mode: nat, address: ▸10.0.3.1, legs: {only: {interface: i3}}}' }),
    message: "device x1 has the address 10.0.3.1, which is the engine's own, on eth3",
    hint: 'give the device an address of its own',
    context: ENGINE,
  },
];
