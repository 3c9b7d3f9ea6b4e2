import { hasPort, singlePortsOf } from '../../model/applications.ts';
import { commonInterval } from '../../model/check/check-health.ts';
import type { FileHealth, HealthRules, ProbeRule } from '../../model/health-types.ts';
import type { Device } from '../../model/types.ts';
import { askedApplication } from '../../model/watch.ts';
import { probeSpec } from '../../terms/health/defaults.ts';
import type { Question, ThroughQuestion } from '../../terms/health/question.ts';
import type { ProbeSpec } from '../../terms/health/spec.ts';
import { applicationIn, familyOf, type Uses } from './usage.ts';

/** So many handshakes a device gets by itself; who wants more asks for them by `probes`. */
export const MOST_HANDSHAKES = 16;

/** A probe, and the name it was asked for by. */
export interface Asked {
  readonly rule: string;
  readonly spec: ProbeSpec;
}

/** Applications of a device, each with an address that packets for it have there; one of each version of IP that they come in. */
export type Addresses = ReadonlyMap<string, readonly string[]>;

interface Context {
  readonly device: Device;
  readonly rules: HealthRules;
  readonly file: FileHealth | undefined;
  readonly applications: Addresses;
  /** The versions of IP that it is used in. */
  readonly families: readonly (4 | 6)[];
}

/** The applications of whatever sequences call a device by: itself and its pools. */
export function applicationsOf(uses: readonly Uses[]): Addresses {
  const all = new Map<string, string[]>();
  for (const each of uses) {
    for (const [key, { first }] of each) {
      const application = applicationIn(key);
      if (application === '') continue;
      const addresses = all.get(application);
      if (addresses === undefined) all.set(application, [first.address]);
      else if (addresses.every((other) => familyOf(other) !== familyOf(first.address))) addresses.push(first.address);
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
    return asked.length > 0 ? [...asked, ...inTheOtherFamily(asked, context)] : neighbourOf(context);
  }
  if (device.kind === 'inline' && !device.oneLegged) return expand(ruleOf({ kind: 'through' }), context);
  const ends = device.kind === 'server' || device.kind === 'proxy';
  const handshakes = ends ? expand(ruleOf({ kind: 'handshake' }), context) : [];
  return handshakes.length > 0 ? handshakes : neighbourOf(context);
}

/**
 * Probes that are written ask one address, of one version of IP. Where services come in the other one, too, that is asked a
 * handshake: else nobody would know whether it works. With `need` the weights are counted by who wrote them.
 */
function inTheOtherFamily(asked: readonly Asked[], context: Context): Asked[] {
  const { device, rules, applications } = context;
  const ends = device.kind === 'server' || device.kind === 'proxy';
  if (!ends || rules.need !== undefined) return [];
  const added = [...applications.keys()].flatMap((application) => {
    const [port] = application.startsWith('tcp/') ? singlePortsOf(application) : [];
    const families = asked.flatMap(({ spec }) => (spec.application === application ? familyAsked(spec, device) : []));
    if (port === undefined || families.length === 0 || families.includes('any')) return [];
    const missing = addressesAt(context, application).filter((address) => !families.includes(familyOf(address)));
    const name = `handshake ${application}${application === `tcp/${port}` ? '' : ` ${port}`}`;
    return missing.map((address) => {
      const family = familyOf(address);
      const question = { kind: 'handshake', port, address } as const;
      const of = `${name} ipv${family}`;
      return specOf(ruleOf({ kind: 'handshake' }), question, of, application, context, family);
    });
  });
  return added.slice(0, MOST_HANDSHAKES);
}

/** A program asks whom it likes. */
function familyAsked({ question }: ProbeSpec, device: Device): readonly (4 | 6 | 'any')[] {
  const { kind, address = device.address ?? device.outside.address } = question as { kind: string; address?: string };
  return kind === 'command' ? ['any'] : address === undefined ? [] : [familyOf(address)];
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
  return spokenFor(rule, context).flatMap((application, place) => {
    const name = place === 0 ? rule.name : `${rule.name} ${application}`;
    if (question.kind === 'through') return inEachFamily(rule, question, name, context);
    if (question.kind !== 'handshake') return [specOf(rule, question as Question, name, application, context)];
    const port = question.port!;
    const asked = { kind: 'handshake', port } as const;
    const addresses =
      question.address === undefined ? addressesAt(context, application ?? `tcp/${port}`) : [question.address];
    if (addresses.length === 0) return [specOf(rule, asked, name, application, context)];
    return atEach(addresses, (address, family) =>
      specOf(rule, { ...asked, address }, `${name}${suffixOf(family)}`, application, context, family),
    );
  });
}

/** A frame of its own through a routing device in each version of IP that it is used in; a bridge carries whatever comes. */
function inEachFamily(rule: ProbeRule, question: ThroughQuestion, name: string, context: Context): Asked[] {
  const { device, families } = context;
  if (device.forwards === 'bridge' || question.frames !== undefined || families.length < 2)
    return [specOf(rule, question, name, undefined, context)];
  return families.map((family) =>
    specOf(rule, { ...question, family }, `${name}${suffixOf(family)}`, undefined, context, family),
  );
}

/** Where it is asked in both versions of IP each of them is told. */
function atEach(addresses: readonly string[], ask: (address: string, family: 4 | 6 | undefined) => Asked): Asked[] {
  return addresses.map((address) => ask(address, addresses.length > 1 ? familyOf(address) : undefined));
}

const suffixOf = (family: 4 | 6 | undefined): string => (family === 6 ? ' ipv6' : '');

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
    const { address: given } = rule.question as { readonly address?: string };
    const addresses = given === undefined ? addressesAt(context, application) : [given];
    for (const port of ports) {
      if (asked.length === MOST_HANDSHAKES) return asked;
      const name = `${rule.name} ${application}${application === `tcp/${port}` ? '' : ` ${port}`}`;
      const judged = rule.for === undefined ? application : spokenFor(rule, context)[0];
      asked.push(
        ...atEach(addresses, (address, family) =>
          specOf(rule, { kind: 'handshake', port, address }, `${name}${suffixOf(family)}`, judged, context, family),
        ),
      );
    }
  }
  return asked;
}

/** Where packets of an application are sent, in each version of IP: to a server's own address in nat mode, else to the service's. */
function addressesAt({ device, applications }: Context, application: string): readonly string[] {
  const own = device.mode === 'nat' ? (device.address ?? device.outside.address) : undefined;
  return own === undefined ? (applications.get(application) ?? []) : [own];
}

function specOf(
  rule: ProbeRule,
  question: Question,
  name: string,
  application: string | undefined,
  context: Context,
  family?: 4 | 6,
): Asked {
  const { limit, fall, rise, weight } = rule;
  const interval = rule.interval ?? commonInterval(question.kind, context.rules, context.file);
  const given = { interval, limit, fall, rise, weight, application, family };
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { rule: rule.name, spec: probeSpec(question, { name, ...known }) };
}
