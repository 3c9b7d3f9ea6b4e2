/** Where a packet has to come from, and what it has to look like, so that a step is hit. */
import type { InterfacePlan } from '../../src/plan/types.ts';
import { addressText } from '../packets/bytes.ts';
import { layout } from './door.ts';
import type { Random } from './random.ts';
import { has, type Step, type Tables } from './tables.ts';

/** Everything of a packet that a step may depend on. */
export interface Aim {
  readonly nic: InterfacePlan;
  readonly vlans: readonly [number, number];
  readonly from: string;
  readonly to: string;
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly protocol: number;
  /** The step's own address is the source. */
  readonly isSourceOwn: boolean;
}

const CLIENTS = {
  4: ['203.0.113.5', '203.0.113.77', '203.0.113.130', '203.0.113.200', '192.168.9.9', '10.0.3.5'],
  6: ['2001:db8:c::5', '2001:db8:c::77', '2001:db8:d::1', '2001:db8:e::9', '2001:db8:f::200'],
} as const;

/** Steps that packets can hit (KNOWN and ANSWER entries are none). */
export function hittable(tables: Tables): Step[] {
  return tables.all.filter((step) => step.direction <= layout('INWARD'));
}

/** Whether packets of the step get another address or port. */
export function isRewriting(tables: Tables, step: Step): boolean {
  const isNat = step.direction === layout('FORWARD') && tables.legs.get(step.target)?.nat !== undefined;
  return isNat || has(step, 'SLOT_ADDRESS') || has(step, 'SLOT_PORT');
}

/** A packet that hits the step, as far as random ports and clients let it. */
export function aimAt(random: Random, tables: Tables, step: Step): Aim | undefined {
  const place = placeOf(random, tables, step.origin);
  if (place === undefined) {
    return undefined;
  }
  const own = hexText(step.address);
  const isV6 = own.includes(':');
  const known = knownAddresses(tables).filter((address) => address.includes(':') === isV6);
  // Addresses and ports that other steps could be found by, too: then the order of the lookups decides.
  const other = random.chance(0.15) ? random.pick(known) : random.pick(CLIENTS[isV6 ? 6 : 4]);
  const isSourceOwn = step.direction === layout('RETURN') || step.direction === layout('OUTWARD');
  const isSourcePort = step.direction === layout('RETURN') || step.direction === layout('INWARD');
  const ownPort = portOf(random, tables, step);
  const otherPort = portOf(random, tables, random.pick(hittable(tables)));
  const ports = [ownPort, random.chance(0.3) ? otherPort : random.between(1024, 65535)] as const;
  return {
    ...place,
    source: isSourceOwn ? own : other,
    destination: isSourceOwn ? other : own,
    sourcePort: ports[isSourcePort ? 0 : 1],
    destinationPort: ports[isSourcePort ? 1 : 0],
    protocol: step.protocol,
    isSourceOwn,
  };
}

/** A packet that concerns nobody. */
export function aimAnywhere(random: Random, tables: Tables): Aim {
  const nic = random.pick(tables.fabric.interfaces);
  const version = random.pick([4, 6] as const);
  return {
    nic,
    vlans: [0, 0],
    from: clientMac(random),
    to: nic.mac,
    source: random.pick(CLIENTS[version]),
    destination: random.pick(CLIENTS[version]),
    sourcePort: random.between(1, 65535),
    destinationPort: random.pick([22, 80, 443]),
    protocol: random.pick([6, 17, 1, 58, 47]),
    isSourceOwn: false,
  };
}

function placeOf(
  random: Random,
  tables: Tables,
  origin: number,
): Pick<Aim, 'nic' | 'vlans' | 'from' | 'to'> | undefined {
  const nics = tables.fabric.interfaces;
  const segment = nics.find((nic) => nic.segment === origin);
  if (segment !== undefined) {
    return { nic: segment, vlans: [0, 0], from: clientMac(random), to: segment.mac };
  }
  const sender = random.maybe(tables.fabric.origins.filter(({ leg }) => leg === origin));
  const nic = nics.find(({ number }) => number === sender?.interfaceNumber);
  if (sender === undefined || nic === undefined) {
    return undefined;
  }
  const to = sender.bridged ? (tables.legs.get(origin)?.sourceMac ?? nic.mac) : nic.mac;
  return { nic, vlans: [sender.vlans[0], sender.vlans[1]], from: sender.mac ?? clientMac(random), to };
}

function clientMac(random: Random): string {
  return `02:00:00:c1:00:0${random.between(1, 4)}`;
}

function portOf(random: Random, tables: Tables, step: Step): number {
  const range = tables.ranges.get(step.key)?.find((one) => one.step === step);
  if (range !== undefined) {
    return random.pick([range.from, range.to, random.between(range.from, range.to)]);
  }
  return step.port === 0 ? random.between(1, 65535) : step.port;
}

/** Text of the 32 digits of a table's address. */
export function hexText(digits: string): string {
  const bytes = Uint8Array.from(Buffer.from(digits, 'hex'));
  return addressText(digits.startsWith('00000000000000000000ffff') ? bytes.slice(12) : bytes);
}

/** Something about the packet is not as the step wants it. */
export function miss(random: Random, tables: Tables, aim: Aim): Aim {
  const family = knownAddresses(tables).filter((address) => address.includes(':') === aim.source.includes(':'));
  const origins = tables.fabric.origins;
  const changes: (() => Partial<Aim>)[] = [
    () => ({ from: '02:00:00:c1:0f:0f' }),
    () => ({ from: random.pick(['01:00:5e:00:00:01', 'ff:ff:ff:ff:ff:ff']) }),
    () => ({ from: random.maybe(origins)?.mac ?? '02:00:00:c1:0f:0f' }),
    () => ({ to: '02:00:00:c1:0e:0e' }),
    () => ({ to: random.pick(tables.fabric.interfaces).mac }),
    () => ({ nic: random.pick(tables.fabric.interfaces) }),
    () => nicWithMac(random.pick(tables.fabric.interfaces)),
    () => ({
      vlans: random.pick([
        [0, 0],
        [aim.vlans[0], 9],
        [9, 0],
        [aim.vlans[1], aim.vlans[0]],
        [0, aim.vlans[0]],
      ] as const),
    }),
    () => ({ vlans: random.maybe(origins)?.vlans ?? [0, 0] }),
    () => ({ sourcePort: random.between(0, 3), destinationPort: random.pick([aim.destinationPort, 0]) }),
    () => ({ destinationPort: aim.destinationPort ^ (1 << random.between(0, 15)) }),
    () => ({ sourcePort: aim.destinationPort, destinationPort: aim.sourcePort }),
    () => ({ protocol: random.pick([6, 17, 1, 58, 47, 132]) }),
    () => ({ source: aim.destination, destination: aim.source }),
    () => ({ source: random.maybe(family) ?? aim.source }),
    () => ({ destination: random.maybe(family) ?? aim.destination }),
    () => ({ destination: localAddress(aim) ?? aim.destination }),
  ];
  return { ...aim, ...random.pick(changes)() };
}

function knownAddresses(tables: Tables): string[] {
  return [...tables.steps.values()].map((step) => hexText(step.address));
}

function nicWithMac(nic: InterfacePlan): Pick<Aim, 'nic' | 'to'> {
  return { nic, to: nic.mac };
}

function localAddress({ nic, source }: Aim): string | undefined {
  return source.includes(':') ? (nic.linkLocal ?? nic.address6) : nic.address4;
}
