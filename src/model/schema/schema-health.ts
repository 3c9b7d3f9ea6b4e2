/** What definitions say about health, as it is written: docs/definitions.md, "health". */
import * as z from 'zod';
import { DURATION_CURE, durationOf } from '../durations.ts';
import { familyOf } from '../words.ts';
import { address, choice, fields, name, not, oneOrMore } from './schema-parts.ts';
import { BARE_PROBES, isProbeKind, probeKinds } from './schema-probes.ts';
import { argument } from './schema-texts.ts';

const timeWords = not('not a time', DURATION_CURE);
const time = z
  .string(timeWords)
  .refine((value) => durationOf(value) !== undefined, timeWords)
  .describe('A time: 10ms, 1s, 2m');

/** Shorter ones cost more than they find. */
const SHORTEST = 5;
const interval = time
  .refine((value) => (durationOf(value) ?? SHORTEST) >= SHORTEST, not('too short', `write ${SHORTEST}ms or more`))
  .describe('Time between two probes: 10ms, 1s, 2m');

const timesWords = not('no number of times', 'write 1 or more');
const times = z.int(timesWords).min(1, timesWords);
const weightWords = not('not a weight', 'write 1 or more, or 0 for what is only reported');
const weight = z.int(weightWords).min(0, weightWords).describe('0: only reported');
const amountWords = not('not a number of one or more', 'write a number, as in 10000');
const amount = z.number(amountWords).positive(amountWords);

const ROW = {
  fall: times.optional().describe('Failures in a row until it is failing'),
  rise: times.optional().describe('Answers in a row until it is passing again'),
  weight: weight.optional(),
} as const;

const application = z
  .string(not('not an application', 'write the protocol and the port of a service, as in tcp/443, or device'))
  .describe('The application whose health it is, as in tcp/443, or device');

const probe = fields(
  {
    ...probeKinds,
    name: name.optional().describe("Its name in events; the probe's kind by default"),
    for: application.optional(),
    interval: interval.optional(),
    limit: time.optional().describe('An answer after this is none; at most 0.8 of the interval'),
    ...ROW,
  },
  'a probe',
).refine((value) => kindsOf(value).length === 1, {
  error: ({ input }) => probeWords(input),
  // A kind that is misspelt is told by itself.
  when: ({ issues }) => issues.length === 0,
});

const NEEDS: Readonly<Record<string, string>> = {
  tcp: 'tcp: {port: 443}',
  dns: 'dns: {name: www.example.com}',
  radius: 'radius: {secret: "..."}',
  negative: 'negative: /etc/hopline/must-stop.pcap',
  command: 'command: [/usr/lib/checks/web, web1]',
};
const BARE_CURE = `write one of ${BARE_PROBES.join(', ')}, or a probe with options, as in {http: {path: /health}}`;

const probes = z.array(
  z.union([z.enum(BARE_PROBES), probe], { error: ({ input }) => probeWords(input) }),
  not('not a list of probes', 'write a list: [through, {icmp: {size: 1000}}]'),
);

const MEASURES = ['latency', 'loss', 'bandwidth', 'connections', 'packets', 'users'] as const;
const percentWords = not('not a share', 'write percent, as in 5');
const limitWords = not('not one limit', 'write one measure, as in {latency: 45ms} or {packets: 10000}');
const limit = fields(
  {
    latency: time.optional().describe('Averaged over the last answers'),
    loss: z.number(percentWords).positive(percentWords).max(100, percentWords).optional().describe('Percent'),
    bandwidth: amount.optional().describe('bit/s'),
    connections: amount.optional(),
    packets: amount.optional().describe('Packets a second'),
    users: amount.optional(),
    of: name.optional().describe('Name of a probe, for latency and loss; every probe by default'),
    for: application.optional(),
    ...ROW,
  },
  'a limit',
).refine((value) => MEASURES.filter((measure) => value[measure] !== undefined).length === 1, limitWords);

const OFF_CURE = 'write off, or what is to be watched, as in {interval: 1s}';

/** `health` of a device or a pool. */
export const rulesSchema = z.union(
  [
    z.literal('off'),
    fields(
      {
        interval: interval.optional(),
        probes: probes.min(1, not('empty', 'name a probe, leave probes out, or write health: off')).optional(),
        need: times.optional().describe('Weights of the probes that have to pass; all of them by default'),
        limits: z.array(limit, not('not a list of limits', 'write a list: [{latency: 45ms}]')).optional(),
        comes_back: z
          .union(
            [z.literal('when_told'), fields({ after: time }, 'when it comes back')],
            not('not when a device comes back', 'write when_told, or {after: 30s}'),
          )
          .optional()
          .describe('inline: when_told by default; others: {after: 30s}'),
        flaps: fields(
          { falls: times.optional(), within: time.optional(), quiet: time.optional() },
          'what flapping is',
        ).optional(),
        alarm: fields({ frames: times.optional(), syns: times.optional() }, 'what raises the alarm').optional(),
        drain: time.optional().describe('Packets may be inside for so long after the last pool left it; 1s by default'),
      },
      'what is watched',
    ),
  ],
  not('not what is watched', OFF_CURE),
);

/** Where packets go when nobody of a pool works. */
export const allDownSchema = z.union(
  [choice('keep', 'bypass', 'drop'), fields({ next: name }, 'a way on')],
  not('no way on', 'write keep, bypass, drop, or {next: spares}'),
);

const url = not('not the address of a web server', 'write http://... or https://...');
const source = oneOrMore(address, 'not an address or a list of addresses', 'write one address of each family').refine(
  (value) => new Set([value].flat().map(familyOf)).size === [value].flat().length,
  not('two addresses of one family', 'write one address of each family'),
);
const runWords = not('not a command', 'write program and arguments: [/usr/lib/checks/tell, ops]');

/** `health` of the whole file. */
export const fileHealthSchema = z.union(
  [
    z.literal('off'),
    fields(
      {
        interval: interval.optional(),
        source: source.optional().describe('Where handshakes come from; 192.0.0.8 and 100::8 by default'),
        notify: z
          .array(
            z.union(
              [
                fields(
                  {
                    webhook: z
                      .string(url)
                      .refine(isWebAddress, url)
                      .describe('An address of a web server: https://hooks.example.com/x'),
                  },
                  'a webhook',
                ),
                fields({ command: z.array(argument, runWords).min(1, runWords) }, 'a command'),
              ],
              not('nobody to tell', 'write {webhook: https://...} or {command: [...]}'),
            ),
            not('not a list', 'write a list: [{webhook: https://...}]'),
          )
          .optional()
          .describe('Who is told of every event'),
      },
      'what is watched',
    ),
  ],
  not('not what is watched', OFF_CURE),
);

export type RawRules = z.infer<typeof rulesSchema>;
export type RawFileHealth = z.infer<typeof fileHealthSchema>;
export type RawProbe = z.infer<typeof probes>[number];
export type RawLimit = z.infer<typeof limit>;
export type RawAllDown = z.infer<typeof allDownSchema>;

/** The probe of one element: its keys that are kinds of probes. */
export function kindsOf(value: object): string[] {
  return Object.keys(value).filter(isProbeKind);
}

function isWebAddress(value: string): boolean {
  return /^https?:\/\/[!-~]+$/.test(value) && URL.canParse(value);
}

function probeWords(input: unknown): string {
  if (typeof input === 'string') {
    const needs = NEEDS[input];
    return needs === undefined ? `is no probe\n${BARE_CURE}` : `says too little\nwrite ${needs}`;
  }
  const kinds = typeof input === 'object' && input !== null ? kindsOf(input) : [];
  return kinds.length > 1
    ? `is several probes at once: ${kinds.join(', ')}\nbegin each with a dash of its own`
    : `is no probe\n${BARE_CURE}`;
}
