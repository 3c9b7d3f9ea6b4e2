/** Exact frames in, exact frames out: the same under IPv6, UDP, VLAN tags, IP options, extension headers and fragments. */
import { expect } from 'vitest';
import { type CapturedFrame, Engine, type Lab, listener, type Recording, scenario } from '../lab/index.ts';
import { type EthernetFields, ethernet, type Packet } from '../packets/frame.ts';
import { type Shape, shapes } from './s06-shapes.ts';

type Mode = 'loopback' | 'nat';

const ROUTER = '02:00:00:00:01:01';
const E0 = '02:00:00:00:ee:00';
const E1 = '02:00:00:00:ee:01';

/** Two ports of each address, a server for each: S04. */
const PORTS = [80, 81] as const;
const CLIENT_PORT = 40_000;

/** Every server is a device of its own. */
const serverMac = (family: 4 | 6, place: number, port: number): string => `02:00:00:${port}:5${place}:0${family}`;

/** Tags outside and inside: one service address for each pair. */
const SEGMENTS = [
  { name: 'untagged', outside: [], inside: [] },
  { name: 'one tag outside, another inside', outside: [100], inside: [10] },
  { name: 'two tags on both sides', outside: [200, 7], inside: [20, 3] },
  { name: 'two tags outside, none inside', outside: [300, 8], inside: [] },
  { name: 'none outside, one inside', outside: [], inside: [11] },
] as const;

interface Ends {
  readonly client: string;
  readonly service: string;
  readonly server: string;
}

function ends(family: 4 | 6, place: number, port: number): Ends {
  const last = port + place;
  return family === 4
    ? { client: '203.0.113.7', service: `198.51.100.${10 + place}`, server: `10.0.1.${2 * last}` }
    : { client: '2001:db8:7::7', service: `2001:db8:a::${10 + place}`, server: `2001:db8:1:${port}::${last}` };
}

const interfaceText = (tags: readonly number[]): string => (tags.length === 0 ? '' : `, vlan: [${tags.join(', ')}]`);

/** What a server does, by its port. */
type Modes = Readonly<Record<(typeof PORTS)[number], Mode>>;

function definitions(modes: Modes): string {
  const interfaces = new Set<string>();
  const devices: string[] = [];
  const services: string[] = [];
  SEGMENTS.forEach(({ outside, inside }, place) => {
    const from = `out${outside.join('x')}`;
    const at = `in${inside.join('x')}`;
    interfaces.add(
      `  ${from}: {nic: i0${interfaceText(outside)}, faces: clients, gateway: [192.0.2.1, "2001:db8::1"], gateway_mac: "${ROUTER}"}`,
    );
    interfaces.add(`  ${at}: {nic: i1${interfaceText(inside)}, faces: devices}`);
    for (const family of [4, 6] as const) {
      for (const port of PORTS) {
        const { service, server } = ends(family, place, port);
        const device = `s${place}v${family}p${port}`;
        const how = modes[port] === 'nat' ? `mode: nat, address: "${server}"` : 'mode: loopback';
        devices.push(
          `  ${device}: {kind: server, ${how}, legs: {only: {interface: ${at}, mac: "${serverMac(family, place, port)}"}}}`,
        );
        for (const protocol of ['tcp', 'udp']) {
          services.push(
            `  ${protocol}${place}v${family}p${port}: {address: "${service}", protocol: ${protocol}, port: ${port}, from: ${from}, exit: ${from}, sequence: [${device}]}`,
          );
        }
      }
    }
  });
  return ['interfaces:', ...interfaces, 'devices:', ...devices, 'services:', ...services, ''].join('\n');
}

const framed = (fields: EthernetFields, packets: readonly Packet[]): Uint8Array[] =>
  packets.map((packet) => ethernet(fields, packet));

/** One shape on its way. */
interface Trip {
  readonly name: string;
  readonly sent: readonly Uint8Array[];
  readonly expected: readonly Uint8Array[];
}

/** Trips that can be made at once: frames come out in the order they went in. */
interface Round {
  readonly host: string;
  readonly leg: string;
  readonly trips: readonly Trip[];
}

function inward(shape: Shape, mode: Mode, place: number, port: number): Trip {
  const { name, outside, inside } = SEGMENTS[place]!;
  const { client, service, server } = ends(shape.family, place, port);
  const ports = { source: CLIENT_PORT, destination: port };
  const to = serverMac(shape.family, place, port);
  return {
    name: `${shape.name}, ${name}, to the ${mode} server of port ${port}`,
    sent: framed({ to: E0, from: ROUTER, tags: outside }, shape.packets(client, service, ports)),
    expected: framed({ to, from: E1, tags: inside }, shape.packets(client, mode === 'nat' ? server : service, ports)),
  };
}

function outward(shape: Shape, mode: Mode, place: number, port: number): Trip {
  const { name, outside, inside } = SEGMENTS[place]!;
  const { client, service, server } = ends(shape.family, place, port);
  const ports = { source: port, destination: CLIENT_PORT };
  const from = serverMac(shape.family, place, port);
  return {
    name: `${shape.name}, ${name}, from the ${mode} server of port ${port}`,
    sent: framed({ to: E1, from, tags: inside }, shape.packets(mode === 'nat' ? server : service, client, ports)),
    expected: framed({ to: ROUTER, from: E0, tags: outside }, shape.packets(service, client, ports)),
  };
}

/** There and back, for every shape to both ports on every pair of segments. */
function rounds(modes: Modes): Round[] {
  return SEGMENTS.flatMap((_, place) => {
    const trips = (way: typeof inward): Trip[] =>
      shapes.flatMap((shape) => PORTS.map((port) => way(shape, modes[port], place, port)));
    return [
      { host: 'router', leg: 'i1', trips: trips(inward) },
      { host: 's1', leg: 'i0', trips: trips(outward) },
    ];
  });
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

async function makeTrips(lab: Lab, recording: Recording, all: readonly Round[]): Promise<string[]> {
  const wrong: string[] = [];
  let seen = (await recording.quiet()).length;
  for (const { host, leg, trips } of all) {
    const expected = trips.flatMap((trip) => trip.expected).length;
    await lab.host(host).send('eth0', ...trips.flatMap((trip) => trip.sent));
    const deadline = Date.now() + 2_000;
    let frames: readonly CapturedFrame[];
    let out: readonly CapturedFrame[];
    do {
      frames = (await recording.quiet()).slice(seen);
      out = frames.filter((frame) => frame.way === 'out' && frame.fields.ip?.ttl !== 1);
    } while (out.length < expected && Date.now() < deadline);
    seen += frames.length;
    const got = out.map((frame) => `${frame.leg} ${hex(frame.bytes)}`);
    for (const { name, sent, expected: frames } of trips) {
      const wanted = frames.map((bytes) => `${leg} ${hex(bytes)}`);
      const came = got.splice(0, wanted.length);
      if (came.join() !== wanted.join()) {
        wrong.push([name, ...sent.map((bytes) => `  sent ${hex(bytes)}`)].join('\n'));
        wrong.push(...wanted.map((line) => `  want ${line}`), ...came.map((line) => `  got  ${line}`));
      }
    }
    wrong.push(...got.map((line) => `nobody sent ${line}`));
  }
  return wrong;
}

for (const modes of [
  { 80: 'loopback', 81: 'loopback' },
  { 80: 'nat', 81: 'nat' },
  { 80: 'loopback', 81: 'nat' },
] as const satisfies readonly Modes[]) {
  const count = rounds(modes).reduce((sum, { trips }) => sum + trips.flatMap(({ sent }) => sent).length, 0);
  scenario(
    `S06 ${count} exact frames to ${modes[80]} and ${modes[81]}: IPv6, UDP, one and two VLAN tags, IP options, fragments, errors`,
    {
      engine: { i0: ['192.0.2.2/24'], i1: ['10.0.1.2/24'] },
      hosts: { router: listener('i0'), s1: listener('i1') },
    },
    async (lab, recording) => {
      await Engine.start(lab, definitions(modes));
      expect(await makeTrips(lab, recording, rounds(modes))).toEqual([]);
    },
  );
}
