/** A failing case as text: how to run it again, the definitions, the frames, what differs. */
import { dump } from 'js-yaml';
import { dissect } from '../packets/dissect.ts';
import { plainModel } from './case.ts';
import type { Shrinkable } from './shrink.ts';

export function report(again: string, { definitions, arriving }: Shrinkable, lines: readonly string[]): string {
  const neighbours = [...definitions.neighbours].map(([at, mac]) => `  ${at} is at ${mac}`);
  const frames = arriving.map(
    ({ frame, ifindex, note }, place) =>
      `frame ${place} (${note}) on interface ${ifindex}: ${Buffer.from(frame).toString('hex')}\n  ${fields(frame)}`,
  );
  return [
    again,
    dump(plainModel(definitions.model), { lineWidth: 140, noRefs: true }),
    'neighbours:',
    ...neighbours,
    ...frames,
    ...lines,
  ].join('\n');
}

/** What can be read of a frame that may be cut off anywhere. */
function fields(frame: Uint8Array): string {
  try {
    return JSON.stringify(dissect(frame), (key, value) =>
      key === 'payload' ? `${Object.keys(value).length} bytes` : value,
    );
  } catch (error) {
    return `(cannot be read: ${(error as Error).message})`;
  }
}
