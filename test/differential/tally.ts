/** What the program's counters should say after a run. */
import type { Dataplane } from './dataplane.ts';
import { REASON_NAMES, reason } from './door.ts';
import type { Outcome } from './model.ts';

export class Tally {
  readonly #reasons = new Map<number, number>();
  #packets = 0;
  #bytes = 0;

  /** @param isLive copies are seen by the egress program, which counts those it drops. */
  count({ reason: name, lost }: Outcome, frame: Uint8Array, isLive: boolean): void {
    const isHandedOn = name === 'FORWARDED' || name === 'COPIED';
    this.#packets += isHandedOn ? 1 : 0;
    this.#bytes += isHandedOn ? frame.length : 0;
    const counted = [name, ...(isLive ? lost : [])].filter((each) => each !== 'REASON_NONE');
    for (const each of counted) {
      this.#reasons.set(reason(each), (this.#reasons.get(reason(each)) ?? 0) + 1);
    }
  }

  /** Lines where program and model differ. */
  differences(counted: ReturnType<Dataplane['counted']>): string[] {
    const rows: [string, number, number][] = [
      ['packets of all steps', this.#packets, counted.packets],
      ['bytes of all steps', this.#bytes, counted.bytes],
      ...[...REASON_NAMES].map(([number, name]): [string, number, number] => [
        `frames of ${name}`,
        this.#reasons.get(number) ?? 0,
        counted.reasons.get(number) ?? 0,
      ]),
    ];
    return rows
      .filter(([, model, program]) => model !== program)
      .map(([what, model, program]) => `counters: ${what}: model ${model}, program ${program}`);
  }
}
