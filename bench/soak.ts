/**
 * What must alarm nobody, and what flaps, for as long as was promised: prints a table and fails where something was
 * believed that was not so. Run by `make soak` in a network namespace of its own.
 */
import { busy, eventLine, flapping, overloaded, type Watch } from '../test/timed/failover/alarms.ts';
import { InlineBed, type InlineShape } from '../test/timed/failover/inline-bed.ts';

interface Trouble {
  readonly what: string;
  readonly minutes: number;
  readonly shape?: InlineShape;
  readonly run: (bed: InlineBed, seconds: number) => Promise<Watch>;
  /** The most moves there may be; where there are none, nothing may be given up either. */
  readonly moves: number;
}

const BACK_AT_ONCE = { health: '{comes_back: {after: 50ms}}', pool: 'fail_back: true' };

const TROUBLES: readonly Trouble[] = [
  { what: 'CPUs busy, 80 % of the highest rate', minutes: 10, run: busy, moves: 0 },
  { what: 'rings of the device overflow', minutes: 1, run: overloaded, moves: 0 },
  { what: 'flapping, comes back when told', minutes: 1, run: flapping, moves: 1 },
  { what: 'flapping, comes back at once', minutes: 1, shape: BACK_AT_ONCE, run: flapping, moves: 6 },
];

const only = process.argv[2];
const failed: string[] = [];
console.log(`${'what'.padEnd(38)} seconds  frames/s  lost, %  moves  alarms  others`);
for (const { what, minutes, shape, run, moves: most } of TROUBLES) {
  if (only !== undefined && !what.includes(only)) continue;
  const bed = new InlineBed(shape);
  try {
    await bed.start();
    const { seconds, sent, lost, alarms, others } = await run(bed, minutes * 60);
    const moves = alarms.filter((event) => event.what === 'move').length;
    const cells = [seconds.toFixed(0), (sent / seconds).toFixed(0), ((100 * lost) / sent).toFixed(1), moves];
    const figures = [...cells, alarms.length, others.length].map((cell) => String(cell).padStart(8));
    console.log(`${what.padEnd(38)}${figures.join('')}`);
    for (const event of alarms) console.log(`    ${event.time} ${eventLine(event)}`);
    if (moves > most || (most === 0 && alarms.length > 0)) failed.push(what);
  } finally {
    await bed.close();
  }
}
for (const what of failed) console.log(`FAIL ${what}`);
process.exit(failed.length === 0 ? 0 : 1);
