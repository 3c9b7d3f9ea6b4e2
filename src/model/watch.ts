/** Which rules a device is watched by, and which of its applications are judged by themselves: both follow from devices and pools alone. */
import { hasPort } from './applications.ts';
import type { HealthRules, ProbeRule } from './health-types.ts';
import type { Device, Model, Pool } from './types.ts';

/** Default rules: what is not said is as the kind has it. */
const NOTHING_SAID: HealthRules = { limits: [] };

/** Rules, and the names by which sequences call the device where they count: its own, and those of pools. */
export interface RuleGroup {
  readonly targets: readonly string[];
  readonly rules: HealthRules;
}

/** How a device is watched. */
export interface WatchRules extends Omit<HealthRules, 'interval' | 'probes' | 'limits'> {
  /** What is asked of it, and measured, for the applications of whom. */
  readonly groups: readonly RuleGroup[];
}

/**
 * How a device is watched: as it says; else, for the applications of each pool it is in, as that pool says, and as its kind has
 * it where none says anything; or not at all where others' answers stand for it ([0163]).
 */
export type RulesOf = (device: Device) => 'off' | WatchRules;

export function rulesOf({ devices, pools }: Pick<Model, 'devices' | 'pools'>): RulesOf {
  const byMember = new Map<string, Pool[]>();
  for (const pool of pools.values()) {
    for (const member of pool.members) {
      const all = byMember.get(member);
      if (all === undefined) byMember.set(member, [pool]);
      else all.push(pool);
    }
  }
  const managed = new Set([...devices.values()].flatMap(({ answeredBy }) => answeredBy));
  return (device) => known(device, byMember.get(device.name) ?? [], managed.has(device.name));
}

interface Known {
  readonly pools: readonly Pool[];
  readonly isManaged: boolean;
  readonly value: 'off' | WatchRules;
}

/** Most are the same after a change of a service, or of who works in a pool. */
const lately = new WeakMap<Device, Known>();

function known(device: Device, pools: readonly Pool[], isManaged: boolean): 'off' | WatchRules {
  const before = lately.get(device);
  const isSame =
    before?.isManaged === isManaged &&
    before.pools.length === pools.length &&
    before.pools.every(({ name, health }, i) => name === pools[i]!.name && health === pools[i]!.health);
  if (isSame) return before.value;
  const value = rulesFor(device, pools, isManaged);
  lately.set(device, { pools, isManaged, value });
  return value;
}

function rulesFor({ name, health }: Device, pools: readonly Pool[], isManaged: boolean): 'off' | WatchRules {
  const targets = [name, ...pools.map((pool) => pool.name)];
  if (health !== undefined) return health === 'off' ? 'off' : { ...health, groups: [{ targets, rules: health }] };
  const said = pools.flatMap((pool) => (pool.health === undefined ? [] : [pool]));
  if (said.length === 0) return isManaged ? 'off' : { groups: [{ targets, rules: NOTHING_SAID }] };
  const groups = said.flatMap(({ name: pool, health: rules }) =>
    rules === 'off' || rules === undefined ? [] : [{ targets: [pool], rules }],
  );
  const [first, ...others] = groups;
  if (first === undefined) return 'off';
  const silent = pools.filter((pool) => pool.health === undefined).map((pool) => pool.name);
  // Where a sequence names the device itself it is watched as its first pool says.
  const own = { targets: [name, ...first.targets], rules: first.rules };
  const rest = silent.length === 0 ? [] : [{ targets: silent, rules: { ...NOTHING_SAID, ...intervalOf(first.rules) } }];
  const policies = groups.map(({ rules: { interval: _, probes: __, limits: ___, ...policy } }) => policy);
  return { ...Object.assign({}, ...policies.reverse()), groups: [own, ...others, ...rest] };
}

const intervalOf = ({ interval }: HealthRules): Pick<HealthRules, 'interval'> =>
  interval === undefined ? {} : { interval };

/** The ports protocols have of themselves, and in TLS from the first byte. */
const PORTS: Readonly<Record<string, readonly [transport: 'tcp' | 'udp', port?: number, secure?: number]>> = {
  handshake: ['tcp'],
  tcp: ['tcp'],
  udp: ['udp', 7],
  http: ['tcp', 80, 443],
  tls: ['tcp', 443],
  dns: ['udp', 53],
  smtp: ['tcp', 25],
  pop3: ['tcp', 110],
  imap: ['tcp', 143],
  ftp: ['tcp', 21],
  sip: ['udp', 5060],
  rtsp: ['tcp', 554],
  mysql: ['tcp', 3306],
  postgres: ['tcp', 5432],
  ldap: ['tcp', 389, 636],
  radius: ['udp', 1812],
  snmp: ['udp', 161],
};
const IMPLICIT: Readonly<Record<string, number>> = { smtp: 465, pop3: 995, imap: 993, ftp: 990 };

/** The application of the port that a probe asks: "tcp/80". Undefined where it asks no port. */
export function askedApplication({ question }: ProbeRule): string | undefined {
  const known = PORTS[question.kind];
  if (known === undefined) return undefined;
  const { port, tls, implicit, transport } = question as {
    readonly port?: number;
    readonly tls?: object;
    readonly implicit?: boolean;
    readonly transport?: 'udp' | 'tcp';
  };
  const [protocol, plain, secure] = known;
  const own = implicit === true ? IMPLICIT[question.kind] : tls === undefined ? plain : (secure ?? plain);
  if (question.kind === 'sip' && tls !== undefined) return `tcp/${port ?? 5061}`;
  const asked = port ?? own;
  return asked === undefined ? undefined : `${transport ?? protocol}/${asked}`;
}

/** Whether it is asked a handshake at each port that its services use. */
function asksEveryPort(device: Device, rules: HealthRules): boolean {
  // Its mode is found out at a port of its services: those are to be known whatever else is asked.
  if (device.auto !== undefined) return true;
  if (rules.probes === undefined) return device.kind === 'server' || device.kind === 'proxy';
  return rules.probes.some(({ question }) => question.kind === 'handshake' && question.port === undefined);
}

/** Whether a device may be up for one application and down for another, where sequences call it by this name, and how one knows. */
export interface Applications {
  readonly target: string;
  /** Each of TCP. */
  readonly every: boolean;
  /** These, and those that have a port of these, whatever else. */
  readonly named: ReadonlySet<string>;
}

/** By the names that sequences call a device by; where nothing is judged by application there is none. */
export function applicationsJudged(device: Device, watch: 'off' | WatchRules): readonly Applications[] {
  if (watch === 'off') return [];
  return watch.groups.flatMap(({ targets, rules }) => {
    const named = new Set<string>();
    for (const probe of rules.probes ?? []) {
      const application = probe.for ?? askedApplication(probe);
      if (application !== undefined && application !== 'device') named.add(application);
    }
    for (const { for: application } of rules.limits) {
      if (application !== undefined && application !== 'device') named.add(application);
    }
    const every = asksEveryPort(device, rules);
    return every || named.size > 0 ? targets.map((target) => ({ target, every, named })) : [];
  });
}

export function judges({ every, named }: Applications, application: string): boolean {
  if (named.has(application) || (every && application.startsWith('tcp/'))) return true;
  for (const each of named) if (hasPort(application, each)) return true;
  return false;
}
