/** One small network that most packet tests share. */
import { ethernet, ipv4, ipv6, type Packet, type Segment, tcp } from './frame.ts';
import { ENGINE, type StepRow, type TableRows } from './tables.ts';

export const CLIENT = '02:00:00:00:09:09';
export const FIREWALL = '02:00:00:00:01:01';
export const SERVER = '02:00:00:00:03:01';
export const STRANGER = '02:00:00:00:0e:0e';
export const BRIDGE = '02:00:00:00:0b:0b';

export const U = '192.0.2.7';
export const W = '198.51.100.10';
/** Reached by NAT, with port 8443 at the server. */
export const WN = '198.51.100.11';
export const S = '10.0.3.11';
export const U6 = '2001:db8:9::7';
export const W6 = '2001:db8::10';
export const WN6 = '2001:db8::11';
export const S6 = 'fd00::11';

export const TCP = 6;
export const UDP = 17;

/** Leg numbers. */
export const LEG = {
  firewall: 1,
  nat: 2,
  nat6: 3,
  tagged: 4,
  stacked: 5,
  small: 6,
  small2: 7,
  unresolved: 8,
  segment: 9,
};

const all = 0xfff;

function service(address: string, port: number, row: Partial<StepRow>, protocol = TCP): StepRow {
  return { direction: 'FORWARD', address, origin: LEG.segment, protocol, port, ...row };
}

function back(origin: number, address: string, port: number, row: Partial<StepRow>, protocol = TCP): StepRow {
  return { direction: 'RETURN', address, origin, protocol, port, target: LEG.segment, ...row };
}

function known(address: string, flag: 'KNOWN_SERVICE' | 'KNOWN_DEVICE' | 'KNOWN_LOCAL'): StepRow {
  return { direction: 'KNOWN', address, known: [flag] };
}

export const steps: readonly StepRow[] = [
  service(W, 443, { target: LEG.firewall }),
  service(W6, 443, { target: LEG.firewall }),
  service(WN, 443, { target: LEG.nat, flags: ['SLOT_PORT'], newPort: 8443 }),
  service(WN6, 443, { target: LEG.nat6, flags: ['SLOT_PORT'], newPort: 8443 }),
  service(WN, 53, { target: LEG.nat }, UDP),
  service(WN6, 53, { target: LEG.nat6 }, UDP),
  back(LEG.nat, S, 8443, { flags: ['SLOT_ADDRESS', 'SLOT_PORT'], rewrite: WN, newPort: 443 }),
  back(LEG.nat, S6, 8443, { flags: ['SLOT_ADDRESS', 'SLOT_PORT'], rewrite: WN6, newPort: 443 }),
  back(LEG.nat, S, 53, { flags: ['SLOT_ADDRESS'], rewrite: WN }, UDP),
  back(LEG.firewall, W, 443, {}),
  service(W, 444, { target: LEG.tagged }),
  service(W, 445, { target: LEG.stacked }),
  service(W, 446, { target: LEG.small }),
  service(W, 447, { target: LEG.small2 }),
  service(W6, 446, { target: LEG.small }),
  service(W6, 447, { target: LEG.small2 }),
  service(W, 448, { target: LEG.unresolved }),
  service(W, 449, { target: 1, flags: ['SLOT_POOL'] }),
  service(W, 450, { target: 2, flags: ['SLOT_POOL'] }),
  service(W, 451, { target: 1, flags: ['SLOT_POOL', 'SLOT_INSIDE'] }),
  service(W, 0, { range: { port: 1024, bits: 6 }, target: LEG.firewall, flags: ['SLOT_RANGE'] }),
  service(W, 0, { target: LEG.nat, flags: ['SLOT_ANY_PORT'] }, 132),
  service(WN, 0, { target: LEG.nat, flags: ['SLOT_ANY_PORT'] }, 1),
  service(WN6, 0, { target: LEG.nat6, flags: ['SLOT_ANY_PORT'] }, 58),
  service(W, 452, { target: LEG.firewall, flags: ['SLOT_ROUTE'] }),
  { direction: 'OUTWARD', address: U, origin: LEG.segment, protocol: TCP, port: 25, target: LEG.tagged },
  { direction: 'INWARD', address: U, origin: LEG.firewall, protocol: TCP, port: 25, target: LEG.segment },
  service(W, 453, { target: LEG.firewall, flags: ['SLOT_COPY'], copyset: 7 }),
  service(W, 454, { target: LEG.tagged, flags: ['SLOT_COPY'], copyset: 8 }),
  known(W, 'KNOWN_SERVICE'),
  known(W6, 'KNOWN_SERVICE'),
  known(WN, 'KNOWN_SERVICE'),
  known(WN6, 'KNOWN_SERVICE'),
  known(S, 'KNOWN_DEVICE'),
  known('10.0.9.9', 'KNOWN_LOCAL'),
  { direction: 'ANSWER', address: W, origin: LEG.segment },
  { direction: 'ANSWER', address: W6, origin: LEG.segment },
  { direction: 'ANSWER', address: WN, origin: 20 },
];

export const world: TableRows = {
  flags: ['INTERFACE_MORE', 'INTERFACE_TAGGED'],
  segment: LEG.segment,
  segmentLookups: all,
  address4: '192.0.2.1',
  address6: '2001:db8:9::1',
  linkLocal: 'fe80::1',
  origins: [
    { mac: FIREWALL, leg: LEG.firewall, lookups: all },
    { mac: SERVER, leg: LEG.nat, lookups: all },
    { mac: BRIDGE, leg: LEG.tagged, lookups: all | 0x1000 },
    { mac: FIREWALL, vlans: [7, 0], leg: LEG.nat, lookups: all, inline: false },
    { mac: null, vlans: [100, 0], leg: LEG.segment, lookups: all, inline: false },
    { mac: null, vlans: [100, 200], leg: 20, lookups: all, inline: false },
  ],
  legs: {
    [LEG.firewall]: { mac: FIREWALL },
    [LEG.nat]: { mac: SERVER, nat: S },
    [LEG.nat6]: { mac: SERVER, nat: S6 },
    [LEG.tagged]: { mac: FIREWALL, vlans: [30, 0], sourceMac: '02:00:00:00:0a:0a' },
    [LEG.stacked]: { mac: FIREWALL, vlans: [30, 31] },
    [LEG.small]: { mac: FIREWALL, mtu: 600 },
    [LEG.small2]: { mac: FIREWALL, mtu: 604, vlans: [30, 31] },
    [LEG.unresolved]: {},
    [LEG.segment]: { mac: CLIENT },
  },
  pools: { 1: [LEG.firewall, LEG.nat], 2: [0, 0] },
  steps,
  groups: [{ copyset: 7, transmit: 3, ifindexes: [] }],
};

type Link = Partial<Parameters<typeof ethernet>[0]>;

/** A frame from the client (or `link.from`) to the engine. */
export function toEngine(packet: Packet, link: Link = {}): Uint8Array {
  return ethernet({ to: ENGINE, from: CLIENT, ...link }, packet);
}

/** A frame the engine sends. */
export function fromEngine(to: string, packet: Packet, link: Link = {}): Uint8Array {
  return ethernet({ to, from: ENGINE, ...link }, packet);
}

/** TCP from the client to a service address. */
export function request(destination: string, port: number, payload = 'hello', source = 5000): Packet {
  const segment = tcp({ source, destination: port }, Buffer.from(payload));
  return ip(destination.includes(':') ? U6 : U, destination, segment);
}

/** A plain packet of either version. */
export function ip(source: string, destination: string, segment: Segment, more: object = {}): Packet {
  return destination.includes(':')
    ? ipv6({ source, destination, ...more }, segment)
    : ipv4({ source, destination, ...more }, segment);
}
