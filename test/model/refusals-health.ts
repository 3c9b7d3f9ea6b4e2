import { file, type Refusal } from './refusal.ts';
import { IDLE } from './refusals-idle.ts';

const LEG = 'legs: {only: {interface: i3, mac: "02:00:00:00:09:01"}}';
const TWO =
  'legs: {outside: {interface: i1, mac: "02:00:00:00:09:01"}, inside: {interface: i2, mac: "02:00:00:00:09:02"}}';

/** A file with one more device, watched like this. */
const watched = (health: string, kind = 'server', more = `address: 10.0.3.99, ${LEG}`) =>
  file({ devices: `+x1: {kind: ${kind}, ${more}, health: ${health}}` });
const pool = (text: string) => file({ pools: `firewalls: {members: [fw1, fw2], ${text}}\n  web: {members: [web2]}` });
const sequence = (text: string, more = '') =>
  file({ services: `shop: {address: 198.51.100.10, port: 443, ${more}sequence: ${text}}` });

const PROBES =
  'through, handshake, neighbour, icmp, udp, http, tls, smtp, pop3, imap, ftp, sip, rtsp, mysql, postgres, ldap, snmp';

/** What is said of health that cannot be. */
export const HEALTH: readonly Refusal[] = [
  {
    name: 'health that is a number',
    text: watched('▸5'),
    message: 'devices.x1.health: 5 is not what is watched',
    hint: 'write off, or what is to be watched, as in {interval: 1s}',
  },
  {
    name: 'an interval without a unit',
    text: watched('{interval: ▸10}'),
    message: 'devices.x1.health.interval: 10 is not a time',
    hint: 'write a time as in 10ms, 1s or 2m',
  },
  {
    name: 'an interval under 5 ms',
    text: watched('{interval: ▸4ms}'),
    message: 'devices.x1.health.interval: "4ms" is too short',
    hint: 'write 5ms or more',
  },
  {
    name: 'a probe nobody knows',
    text: watched('{probes: [▸ping]}'),
    message: 'devices.x1.health.probes[0]: "ping" is no probe',
    hint: `write one of ${PROBES}, or a probe with options, as in {http: {path: /health}}`,
  },
  {
    name: 'a probe with options nobody knows',
    text: watched('{probes: [{▸htp: {port: 80}}]}'),
    message: 'devices.x1.health.probes[0]: there is no key "htp"',
    hint: 'did you mean "http"?',
  },
  {
    name: 'an option that a protocol does not have',
    text: watched('{probes: [{http: {▸pth: /health}}]}'),
    message: 'devices.x1.health.probes[0].http: there is no key "pth"',
    hint: 'did you mean "path"?',
  },
  {
    name: 'an element that asks two things',
    text: watched('{probes: [▸{http: {}, icmp: {}}]}'),
    message: 'devices.x1.health.probes[0]: {"http":{},"icmp":{}} is several probes at once: icmp, http',
    hint: 'begin each with a dash of its own',
  },
  {
    name: 'negative without frames',
    text: watched('{probes: [▸negative]}', 'inline', TWO),
    message: 'devices.x1.health.probes[0]: "negative" says too little',
    hint: 'write negative: /etc/hopline/must-stop.pcap',
  },
  {
    name: 'frames in a file that is found from nowhere',
    text: watched('{probes: [{through: {frames: ▸frames.pcap}}]}', 'inline', TWO),
    message: 'devices.x1.health.probes[0].through.frames: "frames.pcap" is not the full path of a file',
    hint: 'write it from the root: /etc/hopline/frames.pcap',
  },
  {
    name: 'a TCP probe without a port',
    text: watched('{probes: [▸tcp]}'),
    message: 'devices.x1.health.probes[0]: "tcp" says too little',
    hint: 'write tcp: {port: 443}',
  },
  {
    name: 'a regular expression that is none',
    text: watched('{probes: [{http: {body: ▸"("}}]}'),
    message: 'devices.x1.health.probes[0].http.body: "(" is no regular expression',
    hint: 'write a regular expression without slashes, as in "^ok"',
  },
  {
    name: 'no failure at all until it is down',
    text: watched('{probes: [{icmp: {}, fall: ▸0}]}'),
    message: 'devices.x1.health.probes[0].fall: 0 is no number of times',
    hint: 'write 1 or more',
  },
  {
    name: 'no answer at all until it is back',
    text: watched('{probes: [{icmp: {}, rise: ▸0}]}'),
    message: 'devices.x1.health.probes[0].rise: 0 is no number of times',
    hint: 'write 1 or more',
  },
  {
    name: 'a limit of two measures',
    text: watched('{limits: [▸{latency: 45ms, loss: 5}]}'),
    message: 'devices.x1.health.limits[0]: {"latency":"45ms","loss":5} is not one limit',
    hint: 'write one measure, as in {latency: 45ms} or {packets: 10000}',
  },
  {
    name: 'somebody to tell who is nobody',
    text: `${file({})}health: {notify: [{webhook: ▸example.com}]}\n`,
    message: 'health.notify[0].webhook: "example.com" is not the address of a web server',
    hint: 'write http://... or https://...',
  },
  {
    name: 'two sources of one family',
    text: `${file({})}health: {source: ▸[192.0.0.8, 192.0.0.9]}\n`,
    message: 'health.source: ["192.0.0.8","192.0.0.9"] is two addresses of one family',
    hint: 'write one address of each family',
  },
  {
    name: 'a way on that is none',
    text: pool('all_down: ▸stop'),
    message: 'pools.firewalls.all_down: "stop" is no way on',
    hint: 'write keep, bypass, drop, or {next: spares}',
  },
  {
    name: 'through a device with one leg',
    text: watched('{probes: [▸through]}'),
    message: 'device x1 asks through, and x1 has one leg',
    hint: 'ask its address, as in {icmp: {address: 10.0.2.5}}, or give it an outside and an inside leg',
  },
  {
    name: 'an address of a device that has none',
    text: watched('{probes: [{▸http: {}}]}', 'server', LEG),
    message: 'device x1 asks http, and x1 has no address',
    hint: 'add address: 10.0.3.11 to the device, or to the probe: {http: {address: 10.0.3.11}}',
  },
  {
    name: 'an address of a member that has none',
    text: pool('health: {probes: [▸icmp]}'),
    message: 'pool firewalls asks icmp, and fw1 has no address',
    hint: 'add address: 10.0.3.11 to the device, or to the probe: {icmp: {address: 10.0.3.11}}',
  },
  {
    name: 'a handshake at the services of a device that ends none',
    text: watched('{probes: [▸handshake]}', 'inline', TWO),
    message: 'device x1 asks handshake, and no service ends at x1',
    hint: 'name a port and an address: {handshake: {port: 443, address: 198.51.100.10}}',
  },
  {
    name: 'two probes of one name',
    text: watched('{probes: [{http: {}}, {▸http: {port: 81}}]}'),
    message: 'device x1 has two probes named http',
    hint: 'name one of them, as in name: http2',
  },
  {
    name: 'two probes named alike',
    text: watched('{probes: [{http: {}, name: a}, {icmp: {}, name: ▸a}]}'),
    message: 'device x1 has two probes named a',
    hint: 'name one of them, as in name: a2',
  },
  {
    name: 'a limit longer than its interval',
    text: watched('{probes: [{http: {}, interval: 500ms, limit: ▸1s}]}'),
    message: 'device x1 waits 1s for http, which is asked every 500ms',
    hint: 'write at most 400ms (0.8 of the interval), or a longer interval',
  },
  {
    name: "a limit longer than the device's interval",
    text: watched('{interval: 20ms, probes: [{through: {}, limit: ▸20ms}]}', 'inline', TWO),
    message: 'device x1 waits 20ms for through, which is asked every 20ms',
    hint: 'write at most 16ms (0.8 of the interval), or a longer interval',
  },
  {
    name: 'a need that nothing can meet',
    text: watched('{probes: [{http: {}, weight: 2}, icmp], need: ▸4}'),
    message: 'device x1 needs probes of weight 4, and all of them weigh 3',
    hint: 'write at most 3, or leave need out: then all have to pass',
  },
  {
    name: 'a limit of a probe that is not asked',
    text: watched('{probes: [icmp], limits: [{latency: 45ms, of: ▸http}]}'),
    message: 'device x1 limits the latency of http, which is none of its probes',
    hint: 'use one of icmp',
  },
  {
    name: 'a limit of packets by a probe',
    text: watched('{probes: [icmp], limits: [{packets: 10, of: ▸icmp}]}'),
    message: 'device x1 limits packets of icmp, and only latency and loss are measured by probes',
    hint: 'leave of out',
  },
  {
    name: 'an application that no service has',
    text: watched('{probes: [{http: {}, for: ▸tcp/444}]}'),
    message: 'device x1 is watched for tcp/444, and no service has this application',
    hint: 'did you mean "tcp/443"?',
  },
  {
    name: 'an application that only others have',
    text: watched('{probes: [{http: {}, for: ▸tcp/443}]}'),
    message: 'device x1 is watched for tcp/443, and no service comes to it with this application',
    hint: 'use one of device',
  },
  ...IDLE,
  {
    name: 'probes where nothing is watched',
    text: `${file({ devices: `+x1: {kind: server, address: 10.0.3.99, ${LEG}, ▸health: {probes: [icmp]}}` })}health: off\n`,
    message: 'device x1 says how it is watched, and nothing is: health is off for the whole file',
    hint: 'leave one of the two out',
  },
  {
    name: 'a way on to a pool that is not there',
    text: pool('all_down: {next: ▸spares}'),
    message: 'pool firewalls leads on to spares, which is no pool',
    hint: 'use one of web',
  },
  {
    name: 'a way on to a pool of another kind',
    text: pool('all_down: {next: ▸web}'),
    message: 'pool firewalls (inline) leads on to web (server)',
    hint: 'lead on to a pool of the same kind, mode, way of forwarding and number of legs',
  },
  {
    name: 'ways on in a circle',
    text: file({
      pools:
        'firewalls: {members: [fw1], all_down: {next: ▸spares}}\n  spares: {members: [fw2], all_down: {next: firewalls}}',
    }),
    message: 'pool firewalls leads on to spares, and from there back to itself',
    hint: 'end in keep, drop or bypass somewhere',
  },
  {
    name: 'a step that leads on in a circle',
    text: file({
      pools: 'firewalls: {members: [fw1]}\n  spares: {members: [fw2], all_down: {next: firewalls}}',
      services: 'shop: {address: 198.51.100.10, port: 443, sequence: [{firewalls: {all_down: {next: ▸spares}}}, web2]}',
    }),
    message: 'service shop: firewalls leads on to spares, and from there back to itself',
    hint: 'end in keep, drop or bypass somewhere',
  },
  {
    name: 'a step that leads on to another kind',
    text: file({
      pools: '+web: {members: [web2]}',
      services: 'shop: {address: 198.51.100.10, port: 443, sequence: [{fw1: {all_down: {next: ▸web}}}, web2]}',
    }),
    message: 'service shop: fw1 (inline) leads on to web (server)',
    hint: 'lead on to a pool of the same kind, mode, way of forwarding and number of legs',
  },
  {
    name: 'a bypass of the end',
    text: sequence('[firewalls, {web2: {all_down: ▸bypass}}]'),
    message: 'service shop bypasses web2 when nobody works there, and it ends the sequence',
    hint: 'write all_down: keep, drop or {next: POOL}',
  },
  {
    name: 'a bypass of a device that reveals other packets',
    text: sequence('[{fw1: {reveals: {port: 8080}, all_down: ▸bypass}}, web2]'),
    message: 'service shop bypasses fw1 when nobody works there, and it reveals other packets',
    hint: 'write all_down: keep, drop or {next: POOL}',
  },
  {
    name: 'a bypass of the end of a tunnel, as its pool says',
    text: file({
      devices: '+vpn1: {kind: inline, mode: nat, address: 10.0.2.5, legs: {only: {interface: i2}}}',
      pools: '+vpns: {members: [vpn1], all_down: bypass}',
      services: 'shop: {address: 198.51.100.10, port: 443, sequence: [▸vpns, web2]}',
    }),
    message: 'service shop bypasses vpns when nobody works there, and it ends a tunnel',
    hint: 'write all_down: keep, drop or {next: POOL}',
  },
  {
    name: 'a bypass of a device that changes the source',
    text: sequence(
      '[{fw1: {translates: {source: 198.51.100.31}, all_down: ▸bypass}}, i0]',
      'outward: true, from: web1, ',
    ),
    message: 'service shop bypasses fw1 when nobody works there, and it translates their source',
    hint: 'write all_down: keep, drop or {next: POOL}',
  },
  {
    name: 'a bypass before a translated port',
    text: sequence('[{fw1: {all_down: ▸bypass}}, {web2: {port: 8443}}]'),
    message: 'service shop bypasses fw1 when nobody works there, and packets get port 8443 for web2 behind it',
    hint: 'write all_down: keep, drop or {next: POOL}',
  },
  {
    name: 'a bypass where nobody knows the way back',
    text: file({
      interfaces: 'i0: {faces: clients}\n  i1: {}\n  i2: {}\n  i3: {}',
      services: 'shop: {address: 198.51.100.10, port: 443, sequence: [{fw1: {all_down: ▸bypass}}, web2]}',
    }),
    message:
      "service shop bypasses fw1 when nobody works there, and packets back to 198.51.100.10's clients go where the kernel's routes say",
    hint: 'give the one interface of from: a gateway of this family, or name exit: an interface with one',
  },
  {
    name: 'a way on that is said on the way back',
    text: sequence('[fw1, web2]', 'return: [▸{fw1: {all_down: drop}}], '),
    message: 'service shop says at fw1 on the way back where packets go when nobody works there',
    hint: 'write all_down in sequence only: it is for both ways',
  },
];
