/** What is written about health, with its short forms written out. */
import type { FlapSpec } from '../../terms/health/spec.ts';
import { durationOf } from '../durations.ts';
import type { DeviceHealth, FileHealth, LimitRule, ProbeRule } from '../health-types.ts';
import { kindsOf, type RawFileHealth, type RawLimit, type RawProbe, type RawRules } from '../schema/schema-health.ts';
import { addressText, familyOf, macText } from '../words.ts';

/** Where handshakes come from unless the file says otherwise: addresses that are nobody's on any network (RFC 7600, 6666). */
export const PROBE_SOURCE = { v4: '192.0.0.8', v6: '100::8' } as const;

/** `health` of the file. */
export function readFileHealth(raw: RawFileHealth | undefined): FileHealth {
  const written = raw === undefined || raw === 'off' ? {} : raw;
  const given = [written.source ?? []].flat().map(addressText);
  const [v4, v6] = ([4, 6] as const).map((family) => given.find((address) => familyOf(address) === family));
  return {
    off: raw === 'off',
    ...time('interval', written.interval),
    source: { v4: v4 ?? PROBE_SOURCE.v4, v6: v6 ?? PROBE_SOURCE.v6 },
    notify: (written.notify ?? []).map((each) =>
      'webhook' in each ? { kind: 'webhook', url: each.webhook } : { kind: 'command', run: each.command },
    ),
  };
}

/** `health` of a device or a pool. */
export function readRules(raw: RawRules): DeviceHealth {
  if (raw === 'off') return 'off';
  const { interval, probes, need, limits, comes_back: back, flaps, alarm, drain } = raw;
  return {
    ...time('interval', interval),
    ...(probes === undefined ? {} : { probes: probes.map(readProbe) }),
    ...(need === undefined ? {} : { need }),
    limits: (limits ?? []).map(readLimit),
    ...(back === undefined
      ? {}
      : { comesBack: back === 'when_told' ? 'when-told' : { after: durationOf(back.after)! } }),
    ...(flaps === undefined ? {} : { flaps: readFlaps(flaps) }),
    ...(alarm === undefined ? {} : { alarm: given({ frames: alarm.frames, syns: alarm.syns }) }),
    ...time('drain', drain),
  };
}

function readFlaps({ falls, within, quiet }: NonNullable<Exclude<RawRules, 'off'>['flaps']>): Partial<FlapSpec> {
  return { ...given({ falls }), ...time('within', within), ...time('quiet', quiet) };
}

function readProbe(raw: RawProbe): ProbeRule {
  if (typeof raw === 'string') return { name: raw, question: { kind: raw } as ProbeRule['question'] };
  const kind = kindsOf(raw)[0]!;
  const { name = kind, for: application, interval, limit, fall, rise, weight } = raw;
  return {
    name,
    question: { kind, ...questionOf(kind, raw[kind as keyof typeof raw]) } as ProbeRule['question'],
    ...given({ for: application, fall, rise, weight }),
    ...time('interval', interval),
    ...time('limit', limit),
  };
}

function questionOf(kind: string, raw: unknown): object {
  if (kind === 'negative' && typeof raw === 'string') return { frames: raw };
  if (kind === 'command' && Array.isArray(raw)) return { run: raw };
  // RADIUS's answer is a word of its own: accept or any.
  const isContent = kind !== 'radius';
  const options = Object.entries(raw as object).map(([key, value]) => {
    const read = key === 'answer' && !isContent ? same : (OPTIONS[key] ?? same);
    return [key, read(value)];
  });
  return Object.fromEntries(options);
}

const same = (value: unknown): unknown => value;
const content = (value: unknown): unknown => (typeof value === 'string' ? { matches: value } : value);
const addressOption = (value: unknown): unknown => addressText(value as string);

/** Options with short forms. */
const OPTIONS: Readonly<Record<string, (value: unknown) => unknown>> = {
  address: addressOption,
  from: addressOption,
  mac: (value) => macText(value as string),
  tls: (value) => (value === true ? {} : value),
  status: (value) => [value].flat().map(String),
  body: content,
  greeting: content,
  output: content,
  answer: content,
};

function readLimit(raw: RawLimit): LimitRule {
  const { of, for: application, fall, rise, weight, ...measures } = raw;
  const [measure, over] = Object.entries(measures).find(([, value]) => value !== undefined) as [
    string,
    string | number,
  ];
  return {
    measure: measure as LimitRule['measure'],
    over: typeof over === 'string' ? durationOf(over)! : over,
    ...given({ of, for: application, fall, rise, weight }),
  };
}

/** Without the keys that have no value. */
function given<T extends object>(keys: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(keys).filter(([, value]) => value !== undefined)) as never;
}

function time<K extends string>(key: K, text: string | undefined): { [key in K]?: number } {
  return (text === undefined ? {} : { [key]: durationOf(text)! }) as { [key in K]?: number };
}
