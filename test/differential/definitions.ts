/** Random definitions over a fixed set of NICs: every feature somewhere, small enough to be read. */
import type { Device, Interface, Leg, Model, Pool } from '../../src/model/types.ts';
import type { NetworkState } from '../../src/plan/network.ts';
import type { Random } from './random.ts';
import { outwardTwin, randomService } from './services.ts';

/** Definitions, and the neighbours the network is said to know. */
export interface Definitions {
  readonly model: Model;
  readonly neighbours: ReadonlyMap<string, string>;
}

type Neighbours = Map<string, string>;

const hex = (value: number): string => value.toString(16).padStart(2, '0');

/** May be ambiguous, as definitions are: the plan says so and the caller tries the next one. */
export function randomDefinitions(random: Random, network: NetworkState): Definitions {
  const neighbours: Neighbours = new Map();
  const interfaces = randomInterfaces(random, [...network.nics.keys()], neighbours);
  const devices = randomDevices(random, interfaces, neighbours);
  const pools = randomPools(random, devices);
  const services = Array.from({ length: random.between(1, 5) }, (_, place) =>
    randomService(random, `s${place + 1}`, { interfaces, devices, pools }),
  );
  const twin = random.chance(0.3) ? outwardTwin(random, services, devices) : undefined;
  return {
    model: {
      interfaces: named(interfaces),
      devices: named(devices),
      pools: named(pools),
      services: named([...services, twin].filter((service) => service !== undefined)),
    },
    neighbours,
  };
}

function named<T extends { readonly name: string }>(all: readonly T[]): ReadonlyMap<string, T> {
  return new Map(all.map((one) => [one.name, one]));
}

function randomInterfaces(random: Random, nics: readonly string[], neighbours: Neighbours): Interface[] {
  return nics.flatMap((nic, place) => {
    const plain = { name: `i${place}`, nic, vlans: [], clients: place === 0 || random.chance(0.3) };
    const tagged = { name: `v${place}`, nic, vlans: randomVlans(random, 10 + place), clients: random.chance(0.5) };
    const segments = random.chance(0.4) ? [plain, tagged] : [plain];
    return segments.map((segment, which) => ({
      ...segment,
      devices: true,
      gateways: randomGateways(random, { nic, number: 2 * place + which }, neighbours),
    }));
  });
}

function randomVlans(random: Random, id: number): number[] {
  return random.chance(0.3) ? [id, id + 1000] : [id];
}

function randomGateways(random: Random, at: { nic: string; number: number }, neighbours: Neighbours) {
  const addresses = [`192.0.2.${at.number + 1}`, `2001:db8:0:${at.number}::1`];
  return addresses
    .filter(() => random.chance(0.5))
    .map((address, family) => {
      const mac = `02:00:00:0e:${hex(at.number)}:0${family + 1}`;
      if (random.chance(0.7)) {
        return { address, mac };
      }
      if (random.chance(0.7)) {
        neighbours.set(`${at.nic} ${address}`, mac);
      }
      return { address };
    });
}

const KINDS = [
  'firewall',
  'firewall',
  'firewall',
  'vpn',
  'bridge',
  'bridge',
  'arm',
  'tap',
  'tap',
  'server',
  'server',
  'proxy',
  'gateway',
] as const;
const MODES = ['loopback', 'alias', 'nat', 'nat'] as const;

function randomDevices(random: Random, interfaces: readonly Interface[], neighbours: Neighbours): Device[] {
  const always = ['firewall', 'tap', 'server'] as const;
  const kinds = [...always, ...Array.from({ length: random.between(0, 8) }, () => random.pick(KINDS))];
  const servers: string[] = [];
  return kinds.map((kind, place) => {
    const device = randomDevice(random, kind, { interfaces, neighbours, number: place + 1, servers: [...servers] });
    servers.push(...(kind === 'server' ? [device.name] : []));
    return device;
  });
}

type Kind = (typeof KINDS)[number];
type DevicePlace = Pick<LegPlace, 'interfaces' | 'neighbours' | 'number'> & { readonly servers: readonly string[] };

function randomDevice(random: Random, kind: Kind, place: DevicePlace): Device {
  const { number, servers } = place;
  const makeLeg = (side: number): Leg => randomLeg(random, { ...place, side, isBridge: kind === 'bridge' });
  const outside = makeLeg(1);
  const oneLegged = !['bridge', 'firewall'].includes(kind) && (kind !== 'vpn' || random.chance(0.5));
  return {
    name: `${kind}${number}`,
    kind: kind === 'tap' || kind === 'server' || kind === 'proxy' || kind === 'gateway' ? kind : 'inline',
    forwards: kind === 'bridge' ? 'bridge' : 'route',
    ...(kind === 'firewall' || kind === 'vpn' ? { function: kind } : {}),
    ...randomRole(random, kind, number),
    outside,
    inside: oneLegged ? outside : makeLeg(2),
    oneLegged,
    answeredBy: kind === 'server' && servers.length > 0 && random.chance(0.15) ? [random.pick(servers)] : [],
  };
}

/** Mode and address of what ends connections or is a next hop. */
function randomRole(random: Random, kind: Kind, number: number): Pick<Device, 'mode' | 'address'> {
  const hasMode = ['vpn', 'server', 'proxy'].includes(kind);
  const address = random.chance(0.5) ? `10.0.${number}.5` : `2001:db8:${number}::5`;
  return {
    ...(hasMode ? { mode: random.pick(MODES) } : {}),
    ...(hasMode || kind === 'gateway' ? { address } : {}),
  };
}

interface LegPlace {
  readonly interfaces: readonly Interface[];
  readonly neighbours: Neighbours;
  readonly number: number;
  readonly side: number;
  readonly isBridge: boolean;
}

function randomLeg(random: Random, place: LegPlace): Leg {
  const { number, side } = place;
  const segment = random.pick(place.interfaces);
  if (place.isBridge) {
    const plain = random.pick(place.interfaces.filter((one) => one.vlans.length === 0));
    return { interface: plain.name, vlans: randomVlans(random, 100 + 10 * number + side) };
  }
  const isOnOwnVlan = segment.vlans.length === 0 && random.chance(0.15);
  const base = {
    interface: segment.name,
    vlans: isOnOwnVlan ? randomVlans(random, 300 + 10 * number + side) : segment.vlans,
  };
  const mac = `02:00:00:00:${hex(number)}:${hex(side)}`;
  if (random.chance(0.75)) {
    return { ...base, mac };
  }
  const address = `172.16.${number}.${side}`;
  if (random.chance(0.8)) {
    place.neighbours.set(`${segment.nic} ${address}`, mac);
  }
  return { ...base, address };
}

function randomPools(random: Random, devices: readonly Device[]): Pool[] {
  const groups = [
    devices.filter(({ kind, mode, forwards }) => kind === 'inline' && mode === undefined && forwards === 'route'),
    devices.filter(({ kind, mode }) => kind === 'server' && mode === 'nat'),
    devices.filter(({ kind, mode }) => kind === 'server' && mode !== 'nat'),
  ];
  return groups.flatMap((group, place) => {
    const members = random.some(group, random.between(2, 3)).map(({ name }) => name);
    const isUsable = members.length > 1 && random.chance(0.7);
    return isUsable ? [{ name: `p${place + 1}`, members, use: 'primary' as const, active: random.pick(members) }] : [];
  });
}
