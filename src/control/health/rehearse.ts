import { Fleet } from '../../health/machine/fleet.ts';
import type { Outcome } from '../../health/machine/report.ts';
import { deviceSpec, GUARD, poolSpec, probeSpec } from '../../terms/health/defaults.ts';

/** Deaths in all: enough for the code to be compiled. */
const DEATHS = 150;
/** Rounds of probes between two of them: the first ones are lost. */
const ROUNDS = 8;
const LOST = 3;

/**
 * Has devices die and come back that there are not: the machine's code is compiled before the first real one dies, else
 * that verdict takes several times as long as later ones (0.6 ms, 0.1 ms). Some 50 ms.
 * @returns how often the pool of them moved.
 */
export function rehearseVerdicts(): number {
  let moves = 0;
  const names = ['a', 'b'];
  const probes = [probeSpec({ kind: 'through' })];
  const devices = names.map((name) => deviceSpec(name, 'inline', { probes }));
  const fleet = new Fleet({ devices, pools: [poolSpec('pool', names)], guard: GUARD }, 0);
  for (let round = 1; round <= DEATHS * ROUNDS; round++) {
    // As a clock has it: code compiled for whole numbers is thrown away at the first other one.
    const now = round * 1000 + 0.25;
    const dying = names[Math.floor(round / ROUNDS) % 2];
    const isLost = (device: string): boolean => device === dying && round % ROUNDS < LOST;
    const results = names.flatMap((device) => {
      const outcome: Outcome = isLost(device) ? 'lost' : 'answered';
      const took = outcome === 'answered' ? 0.1 : 0;
      const result = { device, probe: 'through', sequence: round, sentAt: now - 20, outcome, took };
      return [{ ...result, direction: 'forward' } as const, { ...result, direction: 'return' } as const];
    });
    // Traffic, which raises the alarm before probes are lost.
    const frames = { kind: 'frames', direction: 'forward', into: 20, since: now - 100, until: now } as const;
    const hints = names.map((device) => ({ ...frames, device, outOf: isLost(device) ? 0 : 20 }));
    fleet.step({ now, due: now - 0.1, hints });
    moves += fleet.step({ now: now + 20, results }).filter(({ kind }) => kind === 'move').length;
    if (round % ROUNDS === ROUNDS - 1) fleet.step({ now, commands: [{ kind: 'restore', device: dying! }] });
  }
  return moves;
}
