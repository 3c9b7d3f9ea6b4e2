/** Random services over given interfaces, devices and pools. */
import type { Device, Interface, Party, Pool, Protocol, Service, Step } from '../../src/model/types.ts';
import type { Random } from './random.ts';

/** Addresses that services share. */
const SERVICE_ADDRESSES = {
  4: ['198.51.100.1', '198.51.100.2', '198.51.100.3', '255.255.0.1'],
  6: ['2001:db8:100::1', '2001:db8:100::2', '2001:db8:ffff:ffff::'],
} as const;

type Through = Extract<Step, { kind: 'through' }>;

/** What services are made of. */
export interface Parts {
  readonly interfaces: readonly Interface[];
  readonly devices: readonly Device[];
  readonly pools: readonly Pool[];
}

/** A service, also an outward one; undefined where its sequence would lead to no device. */
export function randomService(random: Random, name: string, parts: Parts): Service | undefined {
  const nat = random.maybe(parts.devices.filter(({ kind, mode }) => kind === 'server' && mode === 'nat'));
  const family =
    nat !== undefined && random.chance(0.7) ? (nat.address?.includes(':') ? 6 : 4) : random.pick([4, 6] as const);
  const outward = random.chance(0.3);
  const protocol = randomProtocol(random, family);
  const hasPorts = protocol === 'tcp' || protocol === 'udp';
  const ports = hasPorts ? randomPorts(random) : 'any';
  const inlines = parts.devices.filter((device) => device.kind === 'inline' && (!outward || device.mode === undefined));
  const middle = random.some([...inlines, ...parts.pools.filter((pool) => pool.name === 'p1')], random.between(0, 3));
  const steps = withoutRepeats(middle, parts).map((one) => through(random, one, { family, outward, hasPorts }));
  const end = randomEnd(random, parts, {
    family,
    outward,
    isSinglePort: ports !== 'any' && ports.length === 1 && ports[0]?.from === ports[0]?.to,
  });
  const sequence = [...steps, ...end].flatMap((step) => [...randomCopy(random, parts.devices), step]);
  const openers = randomOpeners(random, parts, outward);
  if (sequence.every((step) => step.kind === 'copy')) {
    return undefined;
  }
  const exit = randomExit(random, parts);
  return {
    name,
    addresses: outward
      ? [randomOwnAddress(random, openers, parts, family)]
      : random.some(SERVICE_ADDRESSES[family], random.chance(0.2) ? 2 : 1),
    protocol,
    ports,
    outward,
    from: openers,
    ...(exit === undefined ? {} : { exit }),
    sequence,
    ...(random.chance(0.1) && steps.length > 1 && !outward
      ? { return: random.some(steps, steps.length - 1).map(bare) }
      : {}),
  };
}

/** The server of a service opens connections itself: one packet can then be found by two directions. */
export function outwardTwin(
  random: Random,
  services: readonly (Service | undefined)[],
  devices: readonly Device[],
): Service | undefined {
  const service = random.maybe(services.filter((one) => one !== undefined && !one.outward));
  const end = service?.sequence.at(-1);
  const server = devices.find(({ name }) => end?.kind === 'through' && name === end.target);
  const address = server?.mode === 'nat' ? server.address : service?.addresses[0];
  if (service === undefined || server === undefined || address === undefined) {
    return undefined;
  }
  return {
    name: 'twin',
    addresses: [address],
    protocol: service.protocol,
    ports: service.ports === 'any' ? 'any' : random.pick([[randomPort(random)], service.ports, 'any']),
    outward: true,
    from: [{ kind: 'device', name: server.name }],
    sequence: [{ kind: 'through', target: 'firewall1', isPool: false }],
  };
}

function bare(step: Through): Through {
  return { kind: 'through', target: step.target, isPool: step.isPool };
}

/** No device both by itself and as a member of a pool. */
function withoutRepeats(middle: readonly (Device | Pool)[], parts: Parts): (Device | Pool)[] {
  const inPools = new Set(middle.flatMap((one) => ('members' in one ? one.members : [])));
  return middle.filter((one) => parts.pools.includes(one as Pool) || !inPools.has(one.name));
}

function through(
  random: Random,
  one: Device | Pool,
  of: { family: number; outward: boolean; hasPorts: boolean },
): Through {
  const base: Through = { kind: 'through', target: one.name, isPool: 'members' in one };
  if ('members' in one) {
    return base;
  }
  if (of.outward) {
    const address = of.family === 4 ? '203.0.113.200' : '2001:db8:f::200';
    return random.chance(0.3) ? { ...base, translatesSource: address } : base;
  }
  if (one.mode === undefined || random.chance(0.2)) {
    return base;
  }
  return {
    ...base,
    reveals: {
      ...(random.chance(0.3) ? { address: of.family === 4 ? '198.51.100.77' : '2001:db8:100::77' } : {}),
      ...(random.chance(0.6) ? { protocol: 'tcp' as const, ports: [randomPort(random)] } : {}),
    },
  };
}

function randomEnd(
  random: Random,
  parts: Parts,
  of: { family: number; outward: boolean; isSinglePort: boolean },
): Through[] {
  if (of.outward) {
    const gateway = random.maybe(parts.devices.filter(({ kind }) => kind === 'gateway'));
    return gateway === undefined || random.chance(0.4)
      ? []
      : [{ kind: 'through', target: gateway.name, isPool: false }];
  }
  const isRight = (device: Device): boolean =>
    (device.kind === 'server' || device.kind === 'proxy') &&
    (device.mode !== 'nat' || device.address?.includes(':') === (of.family === 6));
  const devices = parts.devices.filter(isRight);
  const names = new Set(devices.map(({ name }) => name));
  const pools = parts.pools.filter((pool) => pool.members.every((member) => names.has(member)));
  const rewriting = devices.filter(({ mode }) => mode === 'nat' && random.chance(0.7));
  const end = random.maybe(rewriting.length > 0 ? rewriting : [...devices, ...pools]);
  const port = of.isSinglePort && random.chance(0.4) ? { port: random.between(8000, 8003) } : {};
  return end === undefined ? [] : [{ kind: 'through', target: end.name, isPool: 'members' in end, ...port }];
}

function randomCopy(random: Random, devices: readonly Device[]): Step[] {
  const to = random
    .some(
      devices.filter(({ kind }) => kind === 'tap'),
      random.between(1, 3),
    )
    .map(({ name }) => name);
  const answers = random.pick(['server', 'server', 'firewall', 'drop'] as const);
  return random.chance(0.35) ? [{ kind: 'copy', to, answers }] : [];
}

function randomProtocol(random: Random, family: number): Protocol {
  return random.pick(['tcp', 'tcp', 'tcp', 'tcp', 'udp', 'udp', 'udp', family === 4 ? 'icmp' : 'icmp6', 47] as const);
}

function randomPort(random: Random): { from: number; to: number } {
  const port = random.pick([80, 443, 8080, 5000, 65535, 1]);
  return { from: port, to: port };
}

function randomPorts(random: Random): Service['ports'] {
  const roll = random.between(0, 9);
  if (roll === 0) {
    return 'any';
  }
  const from = random.pick([1025, 2000, 2047, 30000]);
  const range = { from, to: from + random.pick([1, 7, 100, 1023]) };
  return roll === 1
    ? [range]
    : roll === 2
      ? [randomPort(random), range]
      : roll === 3
        ? [
            { from: 53, to: 53 },
            { from: 853, to: 853 },
          ]
        : [randomPort(random)];
}

function randomOpeners(random: Random, parts: Parts, outward: boolean): Party[] {
  const clients = parts.interfaces
    .filter((one) => one.clients)
    .map(({ name }) => ({ kind: 'interface' as const, name }));
  const devices = parts.devices
    .filter(({ kind }) => kind === 'server' || kind === 'proxy')
    .map(({ name }) => ({ kind: 'device' as const, name }));
  const wantsDevice = devices.length > 0 && random.chance(outward ? 0.7 : 0.15);
  return wantsDevice ? [random.pick(devices)] : random.some(clients, random.chance(0.2) ? 2 : 1);
}

function randomOwnAddress(random: Random, openers: readonly Party[], parts: Parts, family: number): string {
  const device = parts.devices.find(({ name }) => name === openers[0]?.name);
  const own = device?.address;
  const made = family === 4 ? `10.77.0.${random.between(1, 3)}` : `2001:db8:77::${random.between(1, 3)}`;
  return own !== undefined && random.chance(0.7) ? own : made;
}

function randomExit(random: Random, parts: Parts): NonNullable<Service['exit']> | undefined {
  const gateway = random.maybe(parts.devices.filter(({ kind }) => kind === 'gateway'));
  const clients = parts.interfaces.filter((one) => one.clients && one.gateways.length > 0);
  const roll = random.between(0, 9);
  if (roll === 0) {
    return { kind: 'route' };
  }
  if (roll === 1 && gateway !== undefined) {
    return { kind: 'device', name: gateway.name };
  }
  return roll === 2 && clients.length > 0 ? { kind: 'interface', name: random.pick(clients).name } : undefined;
}
