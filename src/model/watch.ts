/** Which rules a device is watched by, and which of its applications are judged by themselves: both follow from devices and pools alone. */
import type { DeviceHealth, HealthRules, ProbeRule } from './health-types.ts';
import type { Device, Model } from './types.ts';

/** Default rules: what is not said is as the kind has it. */
const NOTHING_SAID: HealthRules = { limits: [] };

/** How a device is watched: as it says, as the first pool of it says, or not at all where others' answers stand for it ([0163]). */
export type RulesOf = (device: Device) => DeviceHealth;

export function rulesOf({ devices, pools }: Pick<Model, 'devices' | 'pools'>): RulesOf {
  const byPool = new Map<string, DeviceHealth>();
  for (const { members, health } of pools.values()) {
    if (health === undefined) continue;
    for (const member of members) if (!byPool.has(member)) byPool.set(member, health);
  }
  const managed = new Set([...devices.values()].flatMap(({ answeredBy }) => answeredBy));
  return ({ name, health }) => health ?? byPool.get(name) ?? (managed.has(name) ? 'off' : NOTHING_SAID);
}

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
export function asksEveryPort(device: Device, rules: DeviceHealth): boolean {
  if (rules === 'off') return false;
  // Its mode is found out at a port of its services: those are to be known whatever else is asked.
  if (device.auto !== undefined) return true;
  if (rules.probes === undefined) return device.kind === 'server' || device.kind === 'proxy';
  return rules.probes.some(({ question }) => question.kind === 'handshake' && question.port === undefined);
}

/** Whether this device may be up for one application and down for another, and how one knows. */
export interface Applications {
  /** Each of TCP. */
  readonly every: boolean;
  /** These, whatever else. */
  readonly named: ReadonlySet<string>;
}

export function applicationsJudged(device: Device, rules: DeviceHealth): Applications {
  const named = new Set<string>();
  if (rules === 'off') return { every: false, named };
  for (const probe of rules.probes ?? []) {
    const application = probe.for ?? askedApplication(probe);
    if (application !== undefined && application !== 'device') named.add(application);
  }
  for (const { for: application } of rules.limits) {
    if (application !== undefined && application !== 'device') named.add(application);
  }
  return { every: asksEveryPort(device, rules), named };
}

export function judges({ every, named }: Applications, application: string): boolean {
  return named.has(application) || (every && application.startsWith('tcp/'));
}
