import { hasPort, singlePortsOf } from '../../model/applications.ts';
import { commonInterval } from '../../model/check/check-health.ts';
import type { FileHealth, HealthRules, ProbeRule } from '../../model/health-types.ts';
import type { Device } from '../../model/types.ts';
import { askedApplication } from '../../model/watch.ts';
import { probeSpec } from '../../terms/health/defaults.ts';
import type { Question } from '../../terms/health/question.ts';
import type { ProbeSpec } from '../../terms/health/spec.ts';
import type { Uses } from './usage.ts';

/** So many handshakes a device gets by itself; who wants more asks for them by `probes`. */
export const MOST_HANDSHAKES = 16;

/** A probe, and the name it was asked for by. */
export interface Asked {
  readonly rule: string;
  readonly spec: ProbeSpec;
}

/** Applications of a device, each with an address that packets for it have there. */
export type Addresses = ReadonlyMap<string, string>;

interface Context {
  readonly device: Device;
  readonly rules: HealthRules;
  readonly file: FileHealth | undefined;
  readonly applications: Addresses;
}

/** The applications of whatever sequences call a device by: itself and its pools. */
export function applicationsOf(uses: readonly Uses[]): Addresses {
  const all = new Map<string, string>();
  for (const each of uses) {
    for (const [application, { first }] of each) {
      if (application !== '' && !all.has(application)) all.set(application, first.address);
    }
  }
  return all;
}

/** The probes of a device: those it asks for, or those of its kind. */
export function probesOf(context: Context): Asked[] {
  const { device, rules } = context;
  // Which address it answers for is not known: what is not asked by an address of its own has to wait.
  if (device.auto === 'sought') {
    return (rules.probes ?? []).filter(hasAddress).flatMap((rule) => expand(rule, context));
  }
  const written = rules.probes;
  if (written !== undefined) {
    const asked = written.flatMap((rule) => expand(rule, context));
    return asked.length > 0 ? asked : neighbourOf(context);
  }
  if (device.kind === 'inline' && !device.oneLegged) return expand(ruleOf({ kind: 'through' }), context);
  const ends = device.kind === 'server' || device.kind === 'proxy';
  const handshakes = ends ? expand(ruleOf({ kind: 'handshake' }), context) : [];
  return handshakes.length > 0 ? handshakes : neighbourOf(context);
}

function hasAddress({ question }: ProbeRule): boolean {
  return question.kind !== 'handshake' || question.address !== undefined;
}

/** What is left where nothing else can be asked: whether its address answers. Without an address its links tell. */
function neighbourOf(context: Context): Asked[] {
  const { address, outside } = context.device;
  return (address ?? outside.address) === undefined ? [] : expand(ruleOf({ kind: 'neighbour' }), context);
}

function ruleOf(question: ProbeRule['question']): ProbeRule {
  return { name: question.kind, question };
}

function expand(rule: ProbeRule, context: Context): Asked[] {
  const { question } = rule;
  if (question.kind === 'handshake' && question.port === undefined) return handshakes(rule, context);
  return spokenFor(rule, context).map((application, place) => {
    const name = place === 0 ? rule.name : `${rule.name} ${application}`;
    if (question.kind !== 'handshake') return specOf(rule, question as Question, name, application, context);
    const port = question.port!;
    const address = question.address ?? addressAt(context, application ?? `tcp/${port}`);
    const whole = { kind: 'handshake', port, ...(address === undefined ? {} : { address }) } as const;
    return specOf(rule, whole, name, application, context);
  });
}

/** The applications a probe speaks for: those that have the port it asks, or that it names; undefined: the whole device. */
function spokenFor(rule: ProbeRule, { applications }: Context): readonly (string | undefined)[] {
  const asked = rule.for ?? askedApplication(rule);
  if (asked === undefined || asked === 'device') return [undefined];
  const all = [...applications.keys()].filter((application) => hasPort(application, asked));
  if (all.length > 0) return all;
  return [rule.for === undefined ? undefined : asked];
}

/** One for each port that services of TCP have there. */
function handshakes(rule: ProbeRule, context: Context): Asked[] {
  const asked: Asked[] = [];
  for (const application of context.applications.keys()) {
    if (!application.startsWith('tcp/')) continue;
    const ports = singlePortsOf(application);
    const address = (rule.question as { address?: string }).address ?? addressAt(context, application)!;
    for (const port of ports) {
      if (asked.length === MOST_HANDSHAKES) return asked;
      const name = `${rule.name} ${application}${application === `tcp/${port}` ? '' : ` ${port}`}`;
      const judged = rule.for === undefined ? application : spokenFor(rule, context)[0];
      const question = { kind: 'handshake', port, address } as const;
      asked.push(specOf(rule, question, name, judged, context));
    }
  }
  return asked;
}

/** Where packets of an application are sent: to a server's own address in nat mode, else to the service's. */
function addressAt({ device, applications }: Context, application: string): string | undefined {
  const own = device.mode === 'nat' ? (device.address ?? device.outside.address) : undefined;
  return own ?? applications.get(application);
}

function specOf(
  rule: ProbeRule,
  question: Question,
  name: string,
  application: string | undefined,
  context: Context,
): Asked {
  const { limit, fall, rise, weight } = rule;
  const interval = rule.interval ?? commonInterval(question.kind, context.rules, context.file);
  const given = { interval, limit, fall, rise, weight, application };
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { rule: rule.name, spec: probeSpec(question, { name, ...known }) };
}
