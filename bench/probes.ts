/** What it costs to ask 1,000 devices. */
import { pause, WatchingController } from '../test/timed/failover/controller.ts';
import { type Cable, cable, unplug } from '../test/traffic/cable.ts';
import { Traffic } from '../test/traffic/traffic.ts';
import { type Measure, median, rounded } from './results.ts';

const PAIRS = 100;
const VLANS = 10;
const INTERVAL = 50;
const SECONDS = 20;
const RUNS = 3;
const NAME = `probes/devices=${PAIRS * VLANS}`;
/** Percent of one CPU. */
const PROMISED = 15;

interface Pair {
  readonly outside: Cable;
  readonly inside: Cable;
}

/** A pair of NICs with a cord between their far ends: a bridging device for each VLAN. */
function pair(place: number, traffic: Traffic): Pair {
  const [outside, inside] = [cable(`o${place}`), cable(`n${place}`)];
  traffic.cord(outside.far.ifindex, inside.far.ifindex);
  traffic.cord(inside.far.ifindex, outside.far.ifindex);
  return { outside, inside };
}

function definitionsOf(clients: Cable, sink: Cable, pairs: readonly Pair[]): string {
  const devices = pairs.flatMap(({ outside, inside }, place) =>
    Array.from({ length: VLANS }, (_, vlan) => {
      const legs = [outside, inside].map(({ engine }) => `{interface: ${engine.name}, vlan: ${100 + vlan}}`);
      return { name: `fw${place}-${vlan}`, legs: `{outside: ${legs[0]}, inside: ${legs[1]}}` };
    }),
  );
  const nics = pairs.flatMap(({ outside, inside }) => [outside.engine, inside.engine]);
  return [
    'interfaces:',
    `  ${clients.engine.name}: {faces: clients}`,
    ...[sink.engine, ...nics].map(({ name }) => `  ${name}: {faces: devices}`),
    'devices:',
    `  behind: {kind: server, mode: loopback, health: off, legs: {only: {interface: ${sink.engine.name}, mac: "${sink.far.mac}"}}}`,
    ...devices.map(({ name, legs }) => `  ${name}: {kind: inline, forwards: bridge, legs: ${legs}}`),
    'services:',
    ...devices.map(
      ({ name }, n) =>
        `  s${n}: {address: 10.0.${n >> 8}.${n & 255}, protocol: udp, port: 80, sequence: [${name}, behind]}`,
    ),
    '',
  ].join('\n');
}

/** Percent of one CPU that the controller takes. @throws Error when devices are not asked as often as they must be, or one is down. */
async function cost(controller: WatchingController, traffic: Traffic, pairs: readonly Pair[]): Promise<number> {
  const carried = () =>
    pairs.reduce((sum, { outside, inside }) => {
      return sum + traffic.received(outside.far.ifindex) + traffic.received(inside.far.ifindex);
    }, 0);
  const known = (await controller.events()).length;
  const [before, frames, started] = [controller.cpuSeconds(), carried(), performance.now()];
  await pause(SECONDS * 1000);
  const seconds = (performance.now() - started) / 1000;
  const used = controller.cpuSeconds() - before;
  const rate = (carried() - frames) / seconds;
  const least = 0.95 * 2 * PAIRS * VLANS * (1000 / INTERVAL);
  if (rate < least) throw new Error(`ask ${PAIRS * VLANS} devices: ${Math.round(rate)} probes a second, not ${least}`);
  const [event] = (await controller.eventsAfter(known)).filter(({ what }) => what === 'state' || what === 'move');
  if (event !== undefined) throw new Error(`ask ${PAIRS * VLANS} devices: ${JSON.stringify(event)}`);
  return (100 * used) / seconds;
}

async function run(): Promise<number[]> {
  const traffic = new Traffic(cable('spare').far.ifindex);
  const [clients, sink] = [cable('clients'), cable('sink')];
  const pairs = Array.from({ length: PAIRS }, (_, place) => pair(place, traffic));
  const controller = new WatchingController(definitionsOf(clients, sink, pairs));
  try {
    await controller.start();
    // Until what an apply leaves behind is done.
    await pause(10_000);
    const runs: number[] = [];
    for (let i = 0; i < RUNS; i++) runs.push(await cost(controller, traffic, pairs));
    return runs;
  } finally {
    await controller.close();
    traffic.close();
    unplug();
  }
}

export const probeCases: readonly Measure[] = [
  {
    names: [NAME],
    run: async () => {
      const runs = (await run()).map((value) => rounded(value));
      return [{ name: NAME, unit: '%', runs, median: median(runs), promised: PROMISED }];
    },
  },
];
