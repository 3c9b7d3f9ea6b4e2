/** Random frames: aimed at the steps of definitions, beside them, and at the parser. */
import { concat } from '../packets/bytes.ts';
import {
  arp,
  type Extension,
  ethernet,
  fragment,
  fragmentExtension,
  icmp,
  icmp6,
  ipv4,
  ipv6,
  neighbourSolicitation,
  type Packet,
  quote,
  type Segment,
  segment,
  tcp,
  udp,
} from '../packets/frame.ts';
import { type Aim, aimAnywhere, aimAt, hexText, hittable, isRewriting, miss } from './aim.ts';
import { layout } from './door.ts';
import { hurt } from './hurt.ts';
import { nearProbe } from './near-probes.ts';
import type { Random } from './random.ts';
import type { Tables } from './tables.ts';

/** A frame and the NIC it comes in by. */
export interface Arriving {
  readonly ifindex: number;
  readonly frame: Uint8Array;
  readonly note: string;
}

/** `count` frames at least: a later fragment brings its first one along. */
export function randomPackets(random: Random, tables: Tables, count: number): Arriving[] {
  const arriving: Arriving[] = [];
  while (arriving.length < count) {
    arriving.push(...randomPacket(random, tables));
  }
  return arriving;
}

function randomPacket(random: Random, tables: Tables): Arriving[] {
  if (random.chance(0.06)) {
    return [question(random, tables)];
  }
  const near = random.chance(0.1) ? nearProbe(random, tables) : undefined;
  if (near !== undefined) {
    return [{ ...near, frame: random.chance(0.1) ? hurt(random, near.frame) : near.frame, note: 'near a probe' }];
  }
  const steps = hittable(tables);
  const rewriting = steps.filter((step) => isRewriting(tables, step));
  const step = random.maybe(rewriting.length > 0 && random.chance(0.4) ? rewriting : steps);
  const hit = step === undefined || random.chance(0.04) ? undefined : aimAt(random, tables, step);
  let aim = hit ?? aimAnywhere(random, tables);
  for (let misses = random.pick([0, 0, 0, 0, 0, 1, 1, 2]); misses > 0; misses -= 1) {
    aim = miss(random, tables, aim);
  }
  const frames = shape(random, aim);
  return frames.map((one) => {
    const isHurt = random.chance(0.12);
    const frame = isHurt ? hurt(random, one.frame) : one.frame;
    return { ifindex: aim.nic.ifindex, frame, note: isHurt ? `${one.note}, hurt` : one.note };
  });
}

interface Shaped {
  readonly frame: Uint8Array;
  readonly note: string;
}

function shape(random: Random, aim: Aim): Shaped[] {
  const roll = random.between(0, 99);
  if (roll < 22) {
    return [{ frame: inEthernet(random, aim, inIp(random, aim, error(random, aim))), note: 'error' }];
  }
  if (roll < 34) {
    return fragments(random, aim);
  }
  return [{ frame: inEthernet(random, aim, inIp(random, aim, carried(random, aim))), note: 'whole' }];
}

function inEthernet(random: Random, aim: Aim, packet: Packet): Uint8Array {
  const isOne = aim.vlans[1] === 0;
  const ids = aim.vlans[0] === 0 && isOne ? [] : isOne ? [aim.vlans[0]] : [...aim.vlans];
  const type = random.pick([undefined, undefined, 0x8100, 0x88a8]);
  const tags = ids.map((id) => ({
    id,
    priority: random.between(0, 7),
    dropEligible: random.chance(0.2),
    ...(type === undefined ? {} : { type }),
  }));
  const priority = ids.length === 0 && random.chance(0.03) ? [{ id: 0, priority: 5 }] : [];
  const labels = random.chance(0.06)
    ? Array.from({ length: random.pick([1, 2, 3, 8, 9]) }, () => random.between(16, 99999))
    : [];
  const padding = random.chance(0.15) ? random.between(1, 40) : 0;
  return ethernet({ to: aim.to, from: aim.from, tags: [...priority, ...tags], labels, padding }, packet);
}

type Ends = Pick<Aim, 'source' | 'destination'>;
type IpChanges = { readonly moreFragments?: boolean; readonly fragmentOffset?: number; readonly id?: number };

function inIp(random: Random, ends: Ends, body: Segment, changes: IpChanges = {}): Packet {
  const { source, destination } = ends;
  if (!source.includes(':')) {
    const options = random.chance(0.15) ? { options: random.bytes(4 * random.between(1, 10)) } : {};
    const dontFragment = random.chance(0.6) && changes.id === undefined;
    return ipv4(
      {
        source,
        destination,
        ttl: random.between(1, 255),
        tos: random.between(0, 255),
        dontFragment,
        ...options,
        ...changes,
      },
      body,
    );
  }
  const before = random.chance(0.2) ? extensions(random, random.pick([1, 2, 3, 8, 9])) : [];
  const field =
    changes.id === undefined
      ? []
      : [fragmentExtension(changes.fragmentOffset ?? 0, changes.moreFragments ?? false, changes.id)];
  return ipv6({ source, destination, hopLimit: random.between(1, 255), extensions: [...before, ...field] }, body);
}

function extensions(random: Random, count: number): Extension[] {
  return Array.from({ length: count }, () => {
    const type = random.pick([0, 43, 51, 60, 60] as const);
    return random.chance(0.03)
      ? fragmentExtension(0, random.chance(0.2), random.next())
      : { type, bytes: random.bytes(8 * random.between(1, 3) - 2) };
  });
}

/** Sizes about those of headers and of the NICs' MTUs. */
function payload(random: Random): Uint8Array {
  const large = random.pick([528, 1240, 1250, 1330, 1350, 1360, 1430, 1440, 1452]) + random.between(0, 40);
  return random.bytes(random.chance(0.18) ? large : random.between(0, 60));
}

function carried(random: Random, aim: Aim): Segment {
  const ports = { source: aim.sourcePort, destination: aim.destinationPort };
  if (aim.protocol === 6) {
    const options = random.chance(0.3) ? { options: random.bytes(4 * random.between(1, 10)) } : {};
    return tcp(
      { ...ports, flags: random.pick([2, 18, 16, 24, 4, 17]), sequence: random.next(), ...options },
      payload(random),
    );
  }
  if (aim.protocol === 17) {
    return udp({ ...ports, noChecksum: random.chance(0.25) }, payload(random));
  }
  if (aim.protocol === 1) {
    return icmp(random.pick([0, 8, 8, 13, 5]), 0, payload(random), random.next());
  }
  return aim.protocol === 58
    ? icmp6(random.pick([128, 129, 133, 136]), 0, payload(random), random.next())
    : segment(aim.protocol, payload(random));
}

/** An error about the packet that went the other way: quoted source and destination are turned. */
function error(random: Random, aim: Aim): Segment {
  const turned = { source: aim.destination, destination: aim.source };
  const inner = { ...aim, ...turned, sourcePort: aim.destinationPort, destinationPort: aim.sourcePort };
  const isV6 = aim.source.includes(':');
  const isNested = random.chance(0.03);
  const body = isNested
    ? isV6
      ? icmp6(1, 0, random.bytes(30))
      : icmp(3, 0, random.bytes(30))
    : carried(random, inner);
  const later = random.chance(0.05) ? { id: 7, fragmentOffset: 80 } : {};
  const packet = inIp(random, turned, body, later);
  const length = random.pick([packet.bytes.length, 28, 48, 20, 24, 27, 36, 44, 40, 548, random.between(0, 120)]);
  const quoted = quote(packet, length);
  const mtu = random.between(1, 1500);
  return isV6
    ? icmp6(random.pick([1, 2, 3, 4]), random.between(0, 4), quoted, mtu)
    : icmp(random.pick([3, 3, 4, 11, 12]), random.between(0, 5), quoted, mtu);
}

/** A first fragment and a later one, or one of them alone; ids are never used twice by chance. */
function fragments(random: Random, aim: Aim): Shaped[] {
  const whole = carried(random, aim);
  const cut = Math.min(8 * random.between(1, 6), Math.floor(whole.bytes.length / 8) * 8);
  const id = aim.source.includes(':') ? random.next() : random.between(0, 65535);
  const make = (from: number, to: number | undefined, note: string): Shaped => {
    const changes = { id, fragmentOffset: from, moreFragments: to !== undefined };
    return { frame: inEthernet(random, aim, inIp(random, aim, fragment(whole, aim, from, to), changes)), note };
  };
  const first = make(0, cut, 'first fragment');
  const later = make(Math.max(cut, 8), undefined, 'later fragment');
  return random.pick([[first, later], [first, later], [later], [first], [make(0, undefined, 'atomic fragment')]]);
}

/** ARP or a neighbour solicitation, mostly for addresses that are answered for. */
function question(random: Random, tables: Tables): Arriving {
  const answers = tables.all.filter((step) => step.direction === layout('ANSWER'));
  const step = random.maybe(random.chance(0.8) ? answers : tables.all);
  const target = step === undefined ? '198.51.100.1' : hexText(step.address);
  const asked = step === undefined ? undefined : aimAt(random, tables, step);
  const aim =
    asked === undefined || random.chance(0.2) ? miss(random, tables, asked ?? aimAnywhere(random, tables)) : asked;
  const isV6 = target.includes(':');
  const group = isV6 ? '33:33:ff:00:00:01' : 'ff:ff:ff:ff:ff:ff';
  const to = random.chance(0.7) ? group : aim.to;
  const packet = isV6 ? solicitation(random, aim, target) : request(random, aim, target);
  return { ifindex: aim.nic.ifindex, frame: inEthernet(random, { ...aim, to }, packet), note: 'question' };
}

function request(random: Random, aim: Aim, target: string): Packet {
  const sender = random.pick(['192.0.2.77', '192.0.2.77', '0.0.0.0', target]);
  const packet = arp({ operation: random.chance(0.9) ? 1 : 2, senderMac: aim.from, sender, target });
  return random.chance(0.3) ? { ...packet, bytes: concat(packet.bytes, random.bytes(18)) } : packet;
}

function solicitation(random: Random, aim: Aim, target: string): Packet {
  const isProbe = random.chance(0.15);
  const asked = neighbourSolicitation(target, isProbe || random.chance(0.2) ? undefined : aim.from);
  const destination = random.chance(0.8) ? 'ff02::1:ff00:1' : target;
  const hopLimit = random.chance(0.9) ? 255 : 64;
  return ipv6({ source: isProbe ? '::' : '2001:db8:c::1', destination, hopLimit }, asked);
}
