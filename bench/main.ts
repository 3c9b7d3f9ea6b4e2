/**
 * Measures, prints a table and writes bench/results.json. Run by `make bench` in a network namespace of its own.
 * Every case is measured in turn with the ceiling, five times; the ratio is the median of the pairs.
 */
import { unplug } from '../test/traffic/cable.ts';
import { Bed } from './bed.ts';
import { definitionsOf, type Shape } from './definitions.ts';
import { BenchEngine } from './engine.ts';
import { failoverCases } from './failover.ts';
import { NftablesRouter } from './nftables.ts';
import { writePage } from './page.ts';
import { probeCases } from './probes.ts';
import { type Case, median, rounded, row, writeResults } from './results.ts';
import { scaleCases } from './scale.ts';

const ROUNDS = 5;
const FRAMES = 3_000_000;
const only = process.argv[2];
const results: Case[] = [];

const wanted = (name: string): boolean => only === undefined || name.includes(only);

function report(result: Case): void {
  results.push(result);
  console.log(row(result));
}

/** Runs a case and the ceiling in turn. */
async function inTurn(name: string, bed: Bed, services: number, run: () => Promise<number>, promised?: number) {
  const runs: number[] = [];
  const ceilings: number[] = [];
  await bed.ceiling(FRAMES / 10, { destinations: services });
  await run();
  for (let round = 0; round < ROUNDS; round++) {
    ceilings.push(await bed.ceiling(FRAMES, { destinations: services }));
    runs.push(await run());
  }
  report({
    name,
    unit: 'Mpps',
    runs: runs.map((value) => rounded(value)),
    median: rounded(median(runs)),
    ceiling: rounded(median(ceilings)),
    ratio: rounded(median(runs.map((value, i) => value / ceilings[i]!)), 2),
    ...(promised === undefined ? {} : { promised }),
  });
}

const FORWARD: readonly { readonly name: string; readonly shape: Shape; readonly promised?: number }[] = [
  { name: 'forward/services=1', shape: { services: 1 }, promised: 0.75 },
  { name: 'forward/services=1,legs=4', shape: { services: 1, bystanders: 4 } },
  { name: 'forward/services=1,legs=64', shape: { services: 1, bystanders: 64 } },
  { name: 'forward/nat', shape: { services: 1, nat: true } },
  { name: 'forward/services=1000', shape: { services: 1000 }, promised: 0.75 },
  { name: 'forward/services=100000', shape: { services: 100_000 }, promised: 0.4 },
];

async function forward(bed: Bed): Promise<void> {
  const cases = FORWARD.filter(({ name }) => wanted(name));
  if (cases.length === 0) return;
  const bench = await BenchEngine.open(bed.lane('bench'));
  try {
    for (const { name, shape, promised } of cases) {
      await bench.use(definitionsOf(bench.lane, shape));
      const run = () => bed.measure(bench.lane, FRAMES, { destinations: shape.services });
      await inTurn(name, bed, shape.services, run, promised);
    }
  } finally {
    await bench.close();
  }
}

async function peers(bed: Bed): Promise<void> {
  if (!wanted('peer/nftables-dnat')) return;
  const router = new NftablesRouter();
  try {
    bed.traffic.receive({ ifindex: router.lane.out.far.ifindex, mac: router.lane.out.far.mac, tally: false });
    await inTurn('peer/nftables-dnat', bed, 1, () => bed.measure(router.lane, FRAMES / 3));
  } finally {
    router.close();
  }
}

console.log(`${'case'.padEnd(32)}${'median'.padStart(12)}${'ceiling'.padStart(9)}${'ratio'.padStart(7)}  promised`);
const bed = new Bed();
try {
  await forward(bed);
  await peers(bed);
} finally {
  bed.close();
  unplug();
}
for (const measure of [...scaleCases, ...failoverCases, ...probeCases]) {
  if (measure.names.some(wanted)) for (const result of await measure.run()) report(result);
}
if (only === undefined) {
  writeResults('bench/results.json', results);
  writePage('bench/results.json', 'docs/benchmarks.md');
}
process.exit(0);
