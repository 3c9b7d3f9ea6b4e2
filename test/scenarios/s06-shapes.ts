/** The packets of S06: every shape a service's packets may have, and ICMP errors about them. */
import {
  type Extension,
  fragment,
  fragmentExtension,
  type Ipv4Fields,
  icmp,
  icmp6,
  ipv4,
  ipv6,
  type Packet,
  quote,
  type Segment,
  tcp,
  udp,
} from '../packets/frame.ts';

export interface Ports {
  readonly source: number;
  readonly destination: number;
}

export interface Shape {
  readonly name: string;
  readonly family: 4 | 6;
  /** One packet, or several fragments of one. */
  readonly packets: (source: string, destination: string, ports: Ports) => Packet[];
}

type Build = (ports: Ports, data: Uint8Array) => Segment;

const DATA = Uint8Array.from({ length: 40 }, (_, index) => index);
/** Record route, with room for two addresses, and the end of the list. */
const OPTIONS = Uint8Array.of(7, 11, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0);

const HOP_BY_HOP: Extension = { type: 0 };
const DESTINATION_OPTIONS: Extension = { type: 60, bytes: new Uint8Array(14) };

/** Differs with direction and port, so that no fragment is taken for one of another packet. */
const idOf = ({ source, destination }: Ports): number => 1 + ((2 * source + destination) % 60_000);

function whole4(name: string, segment: Build, fields: Partial<Ipv4Fields> = {}): Shape {
  return {
    name,
    family: 4,
    packets: (source, destination, ports) => [ipv4({ source, destination, ttl: 61, ...fields }, segment(ports, DATA))],
  };
}

function whole6(name: string, segment: Build, extensions: readonly Extension[] = [], trafficClass = 0): Shape {
  return {
    name,
    family: 6,
    packets: (source, destination, ports) => [
      ipv6({ source, destination, hopLimit: 60, extensions, trafficClass }, segment(ports, DATA)),
    ],
  };
}

/** Cut at the offsets given. */
function pieces(whole: Segment, ends: { source: string; destination: string }, cuts: readonly number[]) {
  const starts = [0, ...cuts];
  return starts.map((from, place) => ({
    from,
    more: place < cuts.length,
    part: fragment(whole, ends, from, starts[place + 1]),
  }));
}

function fragments4(name: string, segment: Build, cuts: readonly number[], fields: Partial<Ipv4Fields> = {}): Shape {
  return {
    name,
    family: 4,
    packets: (source, destination, ports) =>
      pieces(segment(ports, DATA), { source, destination }, cuts).map(({ from, more, part }) =>
        ipv4({ source, destination, id: idOf(ports), moreFragments: more, fragmentOffset: from, ...fields }, part),
      ),
  };
}

function fragments6(name: string, segment: Build, cuts: readonly number[], before: readonly Extension[] = []): Shape {
  return {
    name,
    family: 6,
    packets: (source, destination, ports) =>
      pieces(segment(ports, DATA), { source, destination }, cuts).map(({ from, more, part }) =>
        ipv6({ source, destination, extensions: [...before, fragmentExtension(from, more, idOf(ports))] }, part),
      ),
  };
}

/** What the other side had sent, and the error is about. */
const answered = ({ source, destination }: Ports): Ports => ({ source: destination, destination: source });

function error4(name: string, segment: Build, code: number, length?: number): Shape {
  return {
    name,
    family: 4,
    packets: (source, destination, ports) => {
      const about = ipv4({ source: destination, destination: source }, segment(answered(ports), DATA));
      return [ipv4({ source, destination }, icmp(3, code, quote(about, length), 1300))];
    },
  };
}

function error6(name: string, segment: Build, type: number): Shape {
  return {
    name,
    family: 6,
    packets: (source, destination, ports) => {
      const about = ipv6({ source: destination, destination: source }, segment(answered(ports), DATA));
      return [ipv6({ source, destination }, icmp6(type, 0, quote(about), 1300))];
    },
  };
}

export const shapes: readonly Shape[] = [
  whole4('TCP', tcp),
  whole4('UDP', udp),
  whole4('TCP with IP options', tcp, { options: OPTIONS }),
  whole4('UDP with IP options and DSCP', udp, { options: OPTIONS, tos: 0xb8 }),
  whole4('UDP without checksum', (ports, data) => udp({ ...ports, noChecksum: true }, data)),
  fragments4('UDP in two fragments', udp, [24]),
  fragments4('UDP in three fragments with IP options', udp, [8, 32], { options: OPTIONS }),
  fragments4('TCP in two fragments', tcp, [24]),
  error4('ICMP too big about TCP, 8 bytes of it quoted', tcp, 4, 28),
  error4('ICMP port unreachable about UDP', udp, 3),
  whole6('TCP over IPv6', tcp),
  whole6('UDP over IPv6 with DSCP', udp, [], 0xb8),
  whole6('TCP over IPv6 with extension headers', tcp, [HOP_BY_HOP, DESTINATION_OPTIONS]),
  fragments6('UDP over IPv6 in two fragments', udp, [24]),
  fragments6('TCP over IPv6 in three fragments behind options', tcp, [24, 48], [HOP_BY_HOP, DESTINATION_OPTIONS]),
  error6('ICMPv6 too big about TCP', tcp, 2),
  error6('ICMPv6 unreachable about UDP', udp, 1),
];
