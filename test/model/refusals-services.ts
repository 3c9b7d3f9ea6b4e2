import { file, type Refusal } from './refusal.ts';

const ENGINE = { nics: new Map([['eth3', { addresses: [{ address: '10.0.3.1' }] }]]) };

/** Services that are refused. */
export const SERVICES: readonly Refusal[] = [
  {
    name: 'a step that does not exist',
    text: file({ services: 'shop: {address: 198.51.100.10, port: 80, sequence: [▸firewall, web2]}' }),
    message: 'service shop leads to firewall, which is neither a device nor a pool',
    hint: 'did you mean "firewalls"?',
  },
  {
    name: 'an interface as a step',
    text: file({ services: 'shop: {address: 198.51.100.10, port: 80, sequence: [▸i1, web2]}' }),
    message: 'service shop leads to i1, which is an interface',
    hint: 'use one of firewalls, fw1, fw2, ids1, web1, web2',
  },
  {
    name: 'from somewhere that does not exist',
    text: file({ services: 'shop: {address: 198.51.100.10, port: 80, from: [i0, ▸i9], sequence: [web2]}' }),
    message: 'service shop is opened from i9, which is neither an interface nor a device',
    hint: 'did you mean "i0"?',
  },
  {
    name: 'a service that nobody can open',
    text: file({
      interfaces: 'i1: {}\n  i2: {}\n  i3: {}',
      services: '▸shop: {address: 198.51.100.10, port: 80, sequence: [web2]}',
    }),
    message: 'service shop can be opened by nobody: no interface faces clients',
    hint: 'write faces: clients at an interface, or from: [app1] at the service',
  },
  {
    name: 'an exit that does not exist',
    text: file({ services: 'shop: {address: 198.51.100.10, port: 80, exit: ▸rout, sequence: [web2]}' }),
    message: 'service shop exits to rout, which is neither an interface nor a device',
    hint: 'did you mean "route"?',
  },
  {
    name: 'an exit by an interface without a gateway',
    text: file({ services: 'shop: {address: 198.51.100.10, port: 80, exit: ▸i1, sequence: [web2]}' }),
    message: 'service shop exits to interface i1, which has no gateway',
    hint: 'add a gateway to interface i1, or write exit: route',
  },
  {
    name: 'TCP without a port',
    text: file({ services: '▸shop: {address: 198.51.100.10, sequence: [web2]}' }),
    message: 'service shop has no port',
    hint: 'add port: 443, a range as in "1025-1125", or port: any',
  },
  {
    name: 'ICMP with a port',
    text: file({ services: 'ping: {address: 198.51.100.10, protocol: icmp, port: ▸7, sequence: [web2]}' }),
    message: 'service ping has a port, and protocol icmp has none',
    hint: 'leave port out, or write protocol: tcp or udp',
  },
  {
    name: 'ICMP with an IPv6 address',
    text: file({ services: 'ping: {address: "2001:db8::1", protocol: ▸icmp, sequence: [web2]}' }),
    message: 'service ping has protocol icmp and the IPv6 address 2001:db8::1',
    hint: 'write protocol: icmp6',
  },
  {
    name: 'a protocol that is an extension header',
    text: file({ services: 'ping: {address: "2001:db8::1", protocol: ▸44, sequence: [web2]}' }),
    message: 'service ping has protocol 44, which is a header and not a protocol of its own',
    hint: 'name the protocol behind it, as in tcp',
  },
  {
    name: 'ports of one service that overlap',
    text: file({ services: 'shop: {address: 198.51.100.10, port: ▸["100-200", "150-300"], sequence: [web2]}' }),
    message: 'service shop has overlapping ports: 100-200 and 150-300',
    hint: 'make them one range, or leave one of them out',
  },
  {
    name: 'an empty sequence',
    text: file({ services: 'shop: {address: 198.51.100.10, port: 80, sequence: ▸[]}' }),
    message: 'service shop has no device in its sequence',
    hint: 'end it in a server, proxy or gateway: sequence: [firewalls, app1]',
  },
  {
    name: 'a sequence that ends in a firewall',
    text: file({ services: 'shop: {address: 198.51.100.10, port: 80, sequence: [▸firewalls]}' }),
    message: 'service shop ends in firewalls, which is inline and passes packets on',
    hint: 'add a server, proxy or gateway at the end',
  },
  {
    name: 'a server in the middle',
    text: file({ services: 'shop: {address: 198.51.100.10, port: 80, sequence: [▸web1, web2]}' }),
    message: 'service shop goes on behind web1, which is a server and ends a sequence',
    hint: 'move web1 to the end, or make it kind: inline',
  },
  {
    name: 'a tap as a step',
    text: file({ services: 'shop: {address: 198.51.100.10, port: 80, sequence: [▸ids1, web2]}' }),
    message: 'service shop leads through ids1, which is a tap',
    hint: 'write - copy: [ids1]',
  },
  {
    name: 'a copy to a firewall',
    text: file({ services: 'shop: {address: 198.51.100.10, port: 80, sequence: [copy: [▸fw1], web2]}' }),
    message: 'service shop copies to fw1, which is an inline device, not a tap',
    hint: 'copy to a tap, or make fw1 kind: tap, or a step of its own',
  },
  {
    name: 'a copy to nobody',
    text: file({ services: 'shop: {address: 198.51.100.10, port: 80, sequence: [copy: ▸[], web2]}' }),
    message: 'service shop copies to nobody',
    hint: 'name a tap: copy: [ids1]',
  },
  {
    name: 'a copy behind the server',
    text: file({ services: 'shop: {address: 198.51.100.10, port: 80, sequence: [web2, ▸copy: [ids1]]}' }),
    message: 'service shop copies behind its last device',
    hint: 'move the copy before the server',
  },
  {
    name: 'answers to a firewall that is not there',
    text: file({
      services: 'shop: {address: 198.51.100.10, port: 80, sequence: [▸copy: {to: [ids1], answers: firewall}, web2]}',
    }),
    message: 'service shop hands answers of taps to the firewall, and no inline device stands before the copy',
    hint: 'put the firewall before the copy, or write answers: server',
  },
  {
    name: 'port translation in the middle',
    text: file({ services: 'shop: {address: 198.51.100.10, port: 80, sequence: [firewalls: {port: ▸8080}, web2]}' }),
    message: 'service shop translates its port at firewalls',
    hint: 'translate the port at the last step only, where a server ends the sequence',
  },
  {
    name: 'port translation of a range',
    text: file({ services: 'shop: {address: 198.51.100.10, port: 80-90, sequence: [web2: {port: ▸8080}]}' }),
    message: 'service shop has several ports, and port 8080 at web2 would stand for all of them',
    hint: 'give the service one port, or leave the translation out',
  },
  {
    name: 'a server that reveals something',
    text: file({ services: 'shop: {address: 198.51.100.10, port: 80, sequence: [web2: {reveals: ▸{port: 8080}}]}' }),
    message: 'service shop: web2 cannot reveal anything, it is a server',
    hint: 'write reveals at a routing inline device, as a VPN, of a service that clients open',
  },
  {
    name: 'a translated source of a service that clients open',
    text: file({
      services: 'shop: {address: 198.51.100.10, port: 80, sequence: [fw1: {translates: ▸{source: 10.0.0.1}}, web2]}',
    }),
    message: 'service shop: fw1 cannot translate the source, the service is not outward',
    hint: 'write translates at a NAT firewall of a service with outward: true',
  },
  {
    name: 'an IPv6 service to an IPv4 NAT server',
    text: file({ services: 'shop: {address: "2001:db8::10", port: 80, sequence: [▸web1]}' }),
    message: 'service shop has the address 2001:db8::10, and web1 in nat mode has the IPv4 address 10.0.3.11',
    hint: 'give web1 mode loopback or alias, or an IPv6 address',
  },
  {
    name: 'a revealed address of the other family',
    text: file({
      services: 'shop: {address: 198.51.100.10, port: 80, sequence: [▸fw1: {reveals: {address: "2001:db8::1"}}, web2]}',
    }),
    message: 'service shop has the address 198.51.100.10, and fw1 changes it to 2001:db8::1 of the other family',
    hint: 'keep to one family, or make two services',
  },
  {
    name: 'an alternate that does not exist',
    text: file({ services: 'shop: {address: 198.51.100.10, port: 80, sequence: [fw1: {alternate: ▸fw9}, web2]}' }),
    message: 'service shop: fw1 with its alternates has the member fw9, which is no device',
    hint: 'did you mean "fw1"?',
  },
  {
    name: 'an alternate of another kind',
    text: file({ services: 'shop: {address: 198.51.100.10, port: 80, sequence: [fw1: {alternate: ▸ids1}, web2]}' }),
    message: 'service shop: fw1 with its alternates mixes fw1 (inline) and ids1 (tap)',
    hint: 'put only devices of one kind, mode, way of forwarding and number of legs into a pool',
  },
  {
    name: 'an alternate of a pool',
    text: file({
      services: 'shop: {address: 198.51.100.10, port: 80, sequence: [firewalls: {▸alternate: fw1}, web2]}',
    }),
    message: 'service shop: firewalls is a pool and has an alternate in a step',
    hint: 'add the alternate to the members of pool firewalls',
  },
  {
    name: 'a way back through a server',
    text: file({ services: 'shop: {address: 198.51.100.10, port: 80, sequence: [fw1, web2], return: [▸web2]}' }),
    message: 'service shop comes back through web2, which is a server',
    hint: 'name only inline devices and copies, from the end outwards and without the end',
  },
  {
    name: "a service address that is the engine's own",
    text: file({ services: 'shop: {address: ▸10.0.3.1, port: 80, sequence: [web2]}' }),
    message: "service shop has the address 10.0.3.1, which is the engine's own, on eth3",
    hint: 'give the service an address that nobody has on an interface',
    context: ENGINE,
  },
  {
    name: 'a service address that is the gateway',
    text: file({ services: 'shop: {address: ▸192.0.2.1, port: 80, sequence: [web2]}' }),
    message: 'service shop has the address 192.0.2.1, which is the gateway of interface i0',
    hint: 'give the service an address that nobody has on an interface',
  },
  {
    name: 'an address twice',
    text: file({ services: 'shop: {address: ▸["2001:db8::1", "2001:DB8:0::1"], port: 80, sequence: [web2]}' }),
    message: 'service shop has an address twice',
    hint: 'name each address once',
  },
  {
    name: 'an outward service whose address nobody has',
    text: file({ services: 'out: {outward: true, address: ▸10.0.3.99, sequence: [fw1, i0]}' }),
    message: 'outward service out: no device has the address 10.0.3.99 that opens',
    hint: 'name the device or interface that opens: from: [proxy1]',
  },
  {
    name: 'an outward service that ends in a server',
    text: file({ services: 'out: {outward: true, address: 10.0.3.11, sequence: ▸[fw1, web2]}' }),
    message: 'service out is outward and ends in web2, a server',
    hint: 'end it in a gateway, or in an interface that faces clients',
  },
  {
    name: 'an outward service that leaves where no clients are',
    text: file({
      interfaces: 'i0: {faces: clients, gateway: 192.0.2.1}\n  i1: {gateway: 10.1.0.1}\n  i2: {}\n  i3: {}',
      services: 'out: {outward: true, address: 10.0.3.11, sequence: [fw1, ▸i1]}',
    }),
    message: 'outward service out leaves by interface i1, which faces no clients',
    hint: 'write faces: clients at interface i1, or end in a gateway',
  },
];
