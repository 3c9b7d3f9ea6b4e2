import { file, type Refusal } from './refusal.ts';

const LEG = 'legs: {only: {interface: i3, mac: "02:00:00:00:09:01"}}';
const TWO =
  'legs: {outside: {interface: i1, mac: "02:00:00:00:09:01"}, inside: {interface: i2, mac: "02:00:00:00:09:02"}}';

/** A file with one more device, watched like this. */
const watched = (health: string, kind = 'server', more = `address: 10.0.3.99, ${LEG}`) =>
  file({ devices: `+x1: {kind: ${kind}, ${more}, health: ${health}}` });

const idle = (
  name: string,
  probe: string,
  message: string,
  hint: string,
  more?: readonly [string, string],
): Refusal => ({
  name,
  text: watched(`{probes: [${probe}]}`, ...(more ?? [])),
  message: `device x1 tells ${message}`,
  hint,
});

/** What is said of health and would change nothing. */
export const IDLE: readonly Refusal[] = [
  {
    name: 'an interval that no probe goes by',
    text: watched('{▸interval: 5s, probes: [http, {icmp: {}, interval: 1s}]}'),
    message: 'device x1 says an interval that none of its probes goes by',
    hint: 'write it at the probe: {http: ..., interval: 1s}',
  },
  {
    name: 'an interval where nothing is asked',
    text: watched('{▸interval: 5s}', 'tap', LEG),
    message: 'device x1 says how often it is asked, and nothing is: it has one leg and no address',
    hint: 'add address: 10.0.2.5 to the device, or name probes',
  },
  {
    name: 'the health of a pool whose members say their own',
    text: file({
      devices: `+x1: {kind: server, address: 10.0.3.99, ${LEG}, health: {drain: 2s}}`,
      pools: '+idle: {members: [x1], ▸health: {interval: 1s}}',
    }),
    message: 'pool idle says how its members are watched, and each of them says it itself',
    hint: 'leave health out of the pool, or out of a device',
  },
  {
    name: 'frames of a device that gives none back',
    text: watched('{alarm: {▸frames: 4}}'),
    message:
      'device x1 says how many frames raise the alarm, and only of inline devices they are counted going in and coming out',
    hint: 'leave frames out',
  },
  {
    name: 'a limit of what nobody counts',
    text: watched('{limits: [{▸connections: 10}]}'),
    message: 'device x1 limits connections, which nobody counts',
    hint: 'limit packets or bandwidth',
  },
  {
    name: 'a limit of packets for one application',
    text: watched('{limits: [{packets: 10, for: ▸tcp/443}]}').replace('sequence: [firewalls, web2]', 'sequence: [x1]'),
    message: 'device x1 limits packets for tcp/443, and it is measured for the whole device only',
    hint: 'leave for out',
  },
  {
    name: 'a limit of latency for one application',
    text: watched('{probes: [icmp], limits: [{latency: 10ms, for: ▸device}]}'),
    message: 'device x1 limits latency for device, and a limit of a probe is for what the probe is for',
    hint: 'write for at the probe, and its name at the limit: of: http',
  },
  {
    name: 'a limit of latency where nothing is asked',
    text: watched('{limits: [{▸latency: 10ms}]}', 'tap', LEG),
    message: 'device x1 limits latency, and nothing is asked of it: it has one leg and no address',
    hint: 'add address: 10.0.2.5 to the device, or name probes',
  },
  idle(
    'a password of nobody',
    '{ftp: {▸password: a}}',
    'ftp password, which changes nothing: there is no user',
    'add user, or leave password out',
  ),
  idle(
    'a query of nobody',
    '{mysql: {▸query: SELECT 2}}',
    'mysql query, which changes nothing: there is no user',
    'add user, or leave query out',
  ),
  idle(
    'TLS from the first byte, and no TLS',
    '{smtp: {▸implicit: true}}',
    'smtp implicit, which changes nothing: there is no tls',
    'add tls, or leave implicit out',
  ),
  idle(
    'an answer of a name that must not exist',
    '{dns: {name: a.example, absent: true, ▸answer: "1"}}',
    'dns answer, which changes nothing: a name that must not exist has no answer',
    'leave answer or absent out',
  ),
  idle(
    'a community where a user asks',
    '{snmp: {user: {name: a}, ▸community: b}}',
    'snmp community, which changes nothing: version 3 asks as user',
    'leave community or user out',
  ),
  idle(
    'a key that nothing is encrypted with',
    '{snmp: {▸user: {name: a, encrypt: {by: aes, key: secret123}}}}',
    'snmp user, which changes nothing: encrypt needs authenticate',
    'add authenticate, or leave encrypt out',
  ),
  idle(
    'TLS over UDP',
    '{sip: {▸transport: udp, tls: true}}',
    'sip transport, which changes nothing: TLS goes over TCP',
    'leave transport or tls out',
  ),
  idle(
    'a protocol of frames that are given',
    '{through: {▸protocol: icmp, frames: /etc/a.pcap}}',
    'through protocol, which changes nothing: the frames of the file are sent as they are',
    'leave protocol or frames out',
    ['inline', TWO],
  ),
];
