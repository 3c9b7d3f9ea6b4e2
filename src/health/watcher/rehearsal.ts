import { deviceSpec, GUARD, poolSpec, probeSpec } from '../machine/defaults.ts';
import type { Action } from '../machine/event.ts';
import { Fleet } from '../machine/fleet.ts';
import type { ProbeResult } from '../machine/report.ts';

const TIMES = 5;
const INTERVAL = 50;

/**
 * Lets a machine with made-up devices fail over: the code that decides is compiled before somebody waits for it. Without
 * this the first verdict takes five times as long as later ones; this takes 10 ms.
 * @returns what the machine decided in the end.
 */
export function rehearse(): readonly Action[] {
  for (let i = 1; i < TIMES; i++) failOver();
  return failOver();
}

/** A device answers, then does not, until its pool moves. */
function failOver(): readonly Action[] {
  const members = ['first', 'second'];
  const devices = members.map((name) => deviceSpec(name, 'inline', { probes: [probeSpec({ kind: 'through' })] }));
  const fleet = new Fleet({ devices, pools: [poolSpec('pool', members)], guard: GUARD }, 0);
  for (let round = 1; round < 20; round++) {
    const now = round * INTERVAL;
    const isLost = round > 5;
    fleet.step({ now, due: now });
    const results = members.flatMap((device) => resultsOf(device, round, isLost && device === 'first'));
    const actions = fleet.step({ now: now + 20, hints: [], results });
    if (actions.some(({ kind }) => kind === 'move')) return actions;
  }
  return [];
}

function resultsOf(device: string, round: number, lost: boolean): ProbeResult[] {
  const outcome = lost ? 'lost' : 'answered';
  const common = { device, probe: 'through', sequence: round, sentAt: round * INTERVAL, outcome, took: 0.1 } as const;
  return [
    { ...common, direction: 'forward' },
    { ...common, direction: 'return' },
  ];
}
