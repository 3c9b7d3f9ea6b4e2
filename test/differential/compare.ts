/** The model's outcome beside the program's: every difference as a line for people. */
import { hexText } from './aim.ts';
import { REASON_NAMES } from './door.ts';
import type { Action, Outcome } from './model.ts';
import type { Step } from './tables.ts';

/** What one frame did in the loaded program. */
export interface Observed {
  readonly verdict: number;
  readonly trace: {
    readonly origin: number;
    readonly slot: number;
    readonly target: number;
    readonly copyset: number;
    readonly reason: number;
    readonly direction: number;
    readonly exactness: number;
    readonly ifindex: number;
  };
  readonly frame: Uint8Array;
}

/** A slot as it stands in the table, its address as text, its other fields as in {@link Step}. */
export type SlotFields = Readonly<Record<string, unknown>>;
export type SlotOf = (slot: number) => SlotFields | undefined;

const ACTIONS: readonly (Action | 'ABORTED')[] = ['ABORTED', 'DROP', 'PASS', 'TX', 'REDIRECT'];
/** The Ethernet addresses, where frames with copies carry the engine's marker. */
const MARKER = 12;

/** Differences, none when both agree. */
export function differences(expected: Outcome, observed: Observed, slotOf: SlotOf): string[] {
  const { trace } = observed;
  const isPassedBy = expected.reason === 'REASON_NONE';
  const expectedStep = expected.hit?.step;
  const step = trace.slot === 0 ? undefined : slotOf(trace.slot);
  const rows: [string, unknown, unknown][] = [
    ['action', expected.action, ACTIONS[observed.verdict]],
    ...(isPassedBy
      ? []
      : ([
          ['reason', expected.reason, REASON_NAMES.get(trace.reason) ?? trace.reason],
          ['origin', expected.origin, trace.origin],
          [
            'step',
            stepText(expectedStep && { ...expectedStep, address: hexText(expectedStep.address) }),
            stepText(step),
          ],
          ['direction', expected.hit?.step.direction ?? 0, trace.direction],
          ['exactness', expected.hit?.exactness ?? 0, trace.exactness],
          ['target', expected.target, trace.target],
          ['copyset', expected.copyset, trace.copyset],
          ['ifindex', expected.ifindex, trace.ifindex],
        ] as [string, unknown, unknown][])),
  ];
  const lines = rows
    .filter(([, one, other]) => one !== other)
    .map(([what, one, other]) => `${what}: model ${one}, program ${other}`);
  return [...lines, ...(expected.action === 'DROP' ? [] : bytesDiffer(expected, observed.frame))];
}

const FIELDS: readonly (keyof Step)[] = [
  'address',
  'origin',
  'port',
  'protocol',
  'direction',
  'target',
  'rewrite',
  'service',
  'newPort',
  'flags',
  'copyset',
  'hop',
];

function stepText(step: SlotFields | undefined): string {
  return step === undefined ? 'none' : FIELDS.map((field) => `${field} ${step[field]}`).join(', ');
}

function bytesDiffer(expected: Outcome, frame: Uint8Array): string[] {
  const from = expected.reason === 'COPIED' ? MARKER : 0;
  const [one, other] = [expected.frame, frame].map((bytes) => Buffer.from(bytes.subarray(from)).toString('hex')) as [
    string,
    string,
  ];
  if (one === other) {
    return [];
  }
  let at = 0;
  while (one.slice(2 * at, 2 * at + 2) === other.slice(2 * at, 2 * at + 2)) {
    at += 1;
  }
  return [`bytes differ from ${from + at} on:`, `  model   ${one}`, `  program ${other}`];
}
