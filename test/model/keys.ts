/**
 * For every key that definitions can have, what shows that it is not idle: a change of {@link BASE} that has to change what
 * follows from it, or one that has to be refused. A key without an entry fails keys.test.ts.
 */

/** @param from stands in the base. @param refused words of the refusal, where it has no effect yet. */
export type Case = readonly [from: string, to: string, refused?: RegExp];

export const BASE = `interfaces:
  i0: {faces: clients, gateway: 192.0.2.1}
  i1: {}
  i2: {}
  i3: {}
devices:
  fw1: {kind: inline, legs: {outside: {interface: i1, mac: "02:00:00:00:01:01"}, inside: {interface: i2, mac: "02:00:00:00:01:02"}}}
  fw2: {kind: inline, legs: {outside: {interface: i1, mac: "02:00:00:00:02:01"}, inside: {interface: i2, mac: "02:00:00:00:02:02"}}}
  nat1: {kind: inline, legs: {outside: {interface: i1, mac: "02:00:00:00:03:01"}, inside: {interface: i2, mac: "02:00:00:00:03:02"}}}
  ids1: {kind: tap, legs: {only: {interface: i1, mac: "02:00:00:00:04:01"}}}
  ids2: {kind: tap, legs: {only: {interface: i1, mac: "02:00:00:00:04:02"}}}
  web1: {kind: server, mode: nat, address: 10.0.3.11, legs: {only: {interface: i3}}}
  web2: {kind: server, legs: {only: {interface: i3, mac: "02:00:00:00:05:02"}}}
  web3: {kind: server, legs: {only: {interface: i3, mac: "02:00:00:00:05:03"}}}
pools:
  firewalls: {members: [fw1, fw2]}
  spares: {members: [nat1]}
  webs: {members: [web2, web3]}
services:
  shop: {address: 198.51.100.10, port: 443, sequence: [firewalls, webs]}
  mail: {address: 198.51.100.10, port: 25, sequence: [fw1, web1]}
  out: {address: 198.51.100.30, outward: true, from: [web2], sequence: [fw2, i0]}
`;

const WEB1 = 'web1: {kind: server, mode: nat, address: 10.0.3.11, legs: {only: {interface: i3}}}';
const FW1 =
  'fw1: {kind: inline, legs: {outside: {interface: i1, mac: "02:00:00:00:01:01"}, inside: {interface: i2, mac: "02:00:00:00:01:02"}}}';
const SHOP = 'shop: {address: 198.51.100.10, port: 443, sequence: [firewalls, webs]}';
const FIREWALLS = 'firewalls: {members: [fw1, fw2]}';

const insert = (text: string, key: string): Case => [text, text.replace('{', `{${key}, `)];
const shop = (sequence: string, more = ''): Case => [
  SHOP,
  `shop: {address: 198.51.100.10, port: 443, ${more}sequence: ${sequence}}`,
];
const back = (sequence: string, refused?: RegExp): Case =>
  [
    ...(shop('[firewalls, webs]', `return: ${sequence}, `) as readonly [string, string]),
    ...(refused === undefined ? [] : ([refused] as const)),
  ] as unknown as Case;
const leg = (side: 'outside' | 'inside', to: string): Case => {
  const from =
    side === 'outside' ? 'interface: i1, mac: "02:00:00:00:01:01"' : 'interface: i2, mac: "02:00:00:00:01:02"';
  return [from, to];
};

const OUT = 'out: {address: 198.51.100.30, outward: true, from: [web2], sequence: [fw2, i0]}';

/** Every key but those of `health` of a device or pool. */
export const KEYS: Readonly<Record<string, Case>> = {
  interfaces: ['  i3: {}', '  i3: {}\n  i4: {nic: eth9}'],
  'interfaces.*.nic': ['i3: {}', 'i3: {nic: eth9}'],
  'interfaces.*.vlan': ['i3: {}', 'i3: {vlan: 7}'],
  'interfaces.*.faces': ['i1: {}', 'i1: {faces: both}'],
  'interfaces.*.gateway': ['gateway: 192.0.2.1', 'gateway: 192.0.2.9'],
  'interfaces.*.gateway_mac': ['gateway: 192.0.2.1', 'gateway: 192.0.2.1, gateway_mac: "02:00:00:00:00:fe"'],

  devices: [WEB1, `${WEB1}\n  web9: {kind: server, legs: {only: {interface: i3, mac: "02:00:00:00:05:09"}}}`],
  'devices.*.kind': ['web3: {kind: server', 'web3: {kind: proxy', /pool webs mixes web2 .server. and web3 .proxy/],
  'devices.*.forwards': [
    'nat1: {kind: inline, legs: {outside: {interface: i1, mac: "02:00:00:00:03:01"}, inside: {interface: i2, mac: "02:00:00:00:03:02"}}}',
    'nat1: {kind: inline, forwards: bridge, legs: {outside: {interface: i1, vlan: 7}, inside: {interface: i2, vlan: 7}}}',
  ],
  'devices.*.mode': ['web1: {kind: server, mode: nat', 'web1: {kind: server, mode: loopback'],
  'devices.*.function': insert(FW1, 'function: firewall'),
  'devices.*.vendor': insert(FW1, 'vendor: acme'),
  'devices.*.address': ['address: 10.0.3.11', 'address: 10.0.3.12'],
  'devices.*.answered_by': insert(WEB1, 'answered_by: [web2]'),
  'devices.*.health': insert(WEB1, 'health: off'),
  'devices.*.legs': ['interface: i3, mac: "02:00:00:00:05:02"', 'interface: i2, mac: "02:00:00:00:05:02"'],
  'devices.*.legs.outside': leg('outside', 'interface: i3, mac: "02:00:00:00:01:01"'),
  'devices.*.legs.outside.interface': leg('outside', 'interface: i3, mac: "02:00:00:00:01:01"'),
  'devices.*.legs.outside.vlan': leg('outside', 'interface: i1, vlan: 7, mac: "02:00:00:00:01:01"'),
  'devices.*.legs.outside.mac': leg('outside', 'interface: i1, mac: "02:00:00:00:01:09"'),
  'devices.*.legs.outside.address': leg('outside', 'interface: i1, address: 10.0.1.7'),
  'devices.*.legs.inside': leg('inside', 'interface: i3, mac: "02:00:00:00:01:02"'),
  'devices.*.legs.inside.interface': leg('inside', 'interface: i3, mac: "02:00:00:00:01:02"'),
  'devices.*.legs.inside.vlan': leg('inside', 'interface: i2, vlan: 7, mac: "02:00:00:00:01:02"'),
  'devices.*.legs.inside.mac': leg('inside', 'interface: i2, mac: "02:00:00:00:01:09"'),
  'devices.*.legs.inside.address': leg('inside', 'interface: i2, address: 10.0.2.7'),
  'devices.*.legs.only': ['interface: i3, mac: "02:00:00:00:05:02"', 'interface: i2, mac: "02:00:00:00:05:02"'],
  'devices.*.legs.only.interface': [
    'interface: i3, mac: "02:00:00:00:05:02"',
    'interface: i2, mac: "02:00:00:00:05:02"',
  ],
  'devices.*.legs.only.vlan': [
    'interface: i3, mac: "02:00:00:00:05:02"',
    'interface: i3, vlan: 9, mac: "02:00:00:00:05:02"',
  ],
  'devices.*.legs.only.mac': ['mac: "02:00:00:00:05:02"', 'mac: "02:00:00:00:05:0a"'],
  'devices.*.legs.only.address': ['mac: "02:00:00:00:05:02"', 'address: 10.0.3.22'],

  pools: ['spares: {members: [nat1]}', 'spares: {members: [nat1]}\n  others: {members: [ids1]}'],
  'pools.*.members': [FIREWALLS, 'firewalls: {members: [fw1, nat1]}'],
  'pools.*.use': [FIREWALLS, 'firewalls: {members: [fw1, fw2], use: spread}', /use spread is not supported yet/],
  'pools.*.active': [FIREWALLS, 'firewalls: {members: [fw1, fw2], active: fw2}'],
  'pools.*.fail_back': [FIREWALLS, 'firewalls: {members: [fw1, fw2], fail_back: true}'],
  'pools.*.all_down': [FIREWALLS, 'firewalls: {members: [fw1, fw2], all_down: drop}'],
  'pools.*.all_down.next': [FIREWALLS, 'firewalls: {members: [fw1, fw2], all_down: {next: spares}}'],
  'pools.*.health': [FIREWALLS, 'firewalls: {members: [fw1, fw2], health: off}'],

  services: [SHOP, `${SHOP}\n  more: {address: 198.51.100.11, port: 443, sequence: [webs]}`],
  'services.*.customer': insert(SHOP, 'customer: acme'),
  'services.*.address': ['shop: {address: 198.51.100.10', 'shop: {address: 198.51.100.11'],
  'services.*.protocol': insert(SHOP, 'protocol: udp'),
  'services.*.port': ['port: 443', 'port: 444'],
  'services.*.outward': [
    OUT,
    OUT.replace('outward: true, from: [web2], sequence: [fw2, i0]', 'port: 26, sequence: [fw2, web1]'),
  ],
  'services.*.from': insert(SHOP, 'from: [i0, web1]'),
  'services.*.exit': insert(SHOP, 'exit: route'),
  'services.*.sequence': shop('[webs]'),
  'services.*.sequence[].copy': shop('[firewalls, {copy: [ids1]}, webs]'),
  'services.*.sequence[].copy.to': shop('[firewalls, {copy: {to: [ids1]}}, webs]'),
  'services.*.sequence[].copy.answers': ['answers: server', 'answers: drop'],
  'services.*.sequence[].*.port': [
    'port: 25, sequence: [fw1, web1]',
    'port: 25, sequence: [fw1, {web1: {port: 2525}}]',
  ],
  'services.*.sequence[].*.reveals': shop('[{fw1: {reveals: {port: 8443}}}, webs]'),
  'services.*.sequence[].*.reveals.address': shop('[{fw1: {reveals: {address: 198.51.100.77}}}, webs]'),
  'services.*.sequence[].*.reveals.protocol': shop('[{fw1: {reveals: {protocol: udp, port: 500}}}, webs]'),
  'services.*.sequence[].*.reveals.port': shop('[{fw1: {reveals: {port: 8443}}}, webs]'),
  'services.*.sequence[].*.translates': [
    OUT,
    OUT.replace('[fw2, i0]', '[{fw2: {translates: {source: 198.51.100.31}}}, i0]'),
  ],
  'services.*.sequence[].*.translates.source': [
    OUT,
    OUT.replace('[fw2, i0]', '[{fw2: {translates: {source: 198.51.100.32}}}, i0]'),
  ],
  'services.*.sequence[].*.alternate': shop('[{fw1: {alternate: nat1}}, webs]'),
  'services.*.sequence[].*.all_down': shop('[{firewalls: {all_down: drop}}, webs]'),
  'services.*.sequence[].*.all_down.next': shop('[{firewalls: {all_down: {next: spares}}}, webs]'),
  'services.*.return': back('[nat1]'),
  'services.*.return[].copy': back('[{copy: [ids1]}, firewalls]'),
  'services.*.return[].copy.to': back('[{copy: {to: [ids1]}}, firewalls]'),
  'services.*.return[].copy.answers': ['answers: server', 'answers: drop'],
  'services.*.return[].*.port': back('[{fw1: {port: 8443}}]', /changes packets at fw1 on the way back/),
  'services.*.return[].*.reveals': back('[{fw1: {reveals: {port: 8443}}}]', /changes packets at fw1 on the way back/),
  'services.*.return[].*.reveals.address': back(
    '[{fw1: {reveals: {address: 198.51.100.77}}}]',
    /changes packets at fw1 on the way back/,
  ),
  'services.*.return[].*.reveals.protocol': back(
    '[{fw1: {reveals: {protocol: udp, port: 500}}}]',
    /changes packets at fw1 on the way back/,
  ),
  'services.*.return[].*.reveals.port': back(
    '[{fw1: {reveals: {port: 8443}}}]',
    /changes packets at fw1 on the way back/,
  ),
  'services.*.return[].*.translates': back(
    '[{fw1: {translates: {source: 198.51.100.31}}}]',
    /changes packets at fw1 on the way back/,
  ),
  'services.*.return[].*.translates.source': back(
    '[{fw1: {translates: {source: 198.51.100.31}}}]',
    /changes packets at fw1 on the way back/,
  ),
  'services.*.return[].*.alternate': back('[{fw1: {alternate: fw2}}]'),
  'services.*.return[].*.all_down': back('[{firewalls: {all_down: drop}}]', /on the way back/),
  'services.*.return[].*.all_down.next': back('[{firewalls: {all_down: {next: spares}}}]', /on the way back/),

  health: ['interfaces:', 'health: off\ninterfaces:'],
  'health.interval': ['interfaces:', 'health: {interval: 20ms}\ninterfaces:'],
  'health.source': ['interfaces:', 'health: {source: 192.0.2.77}\ninterfaces:'],
  'health.notify': ['interfaces:', 'health: {notify: [{command: [/bin/true]}]}\ninterfaces:'],
  'health.notify[].webhook': ['interfaces:', 'health: {notify: [{webhook: "http://a.example"}]}\ninterfaces:'],
  'health.notify[].command': ['interfaces:', 'health: {notify: [{command: [/bin/false]}]}\ninterfaces:'],
};

/** What the base has to say for a key to have something to be said of. */
export const BEFORE: Readonly<Record<string, readonly [from: string, to: string]>> = {
  'services.*.sequence[].copy.answers': [
    'sequence: [firewalls, webs]',
    'sequence: [firewalls, {copy: {to: [ids1], answers: server}}, webs]',
  ],
  'services.*.return[].copy.answers': [
    'sequence: [firewalls, webs]',
    'return: [{copy: {to: [ids1], answers: server}}, firewalls], sequence: [firewalls, webs]',
  ],
};
