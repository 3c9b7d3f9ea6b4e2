/** 100,000 services of three steps over one pool of two firewalls, with the real controller and its real commands. */
import { writeFileSync } from 'node:fs';
import { manyServices } from '../test/model/many-services.ts';
import { ControllerProcess } from '../test/timed/controller.ts';
import { cable } from '../test/traffic/cable.ts';
import { type Measure, median, rounded } from './results.ts';

const SERVICES = 100_000;
const CHANGES = 50;

/** Seconds that something took. */
async function timed(work: () => unknown): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

async function repeated(times: number, work: (place: number) => unknown): Promise<number[]> {
  const runs: number[] = [];
  for (let place = 0; place < times; place++) runs.push(await timed(() => work(place)));
  return runs;
}

let areNicsThere = false;

/** A controller that has nothing applied, and the file beside it. */
async function withController<Result>(work: (controller: ControllerProcess) => Promise<Result>): Promise<Result> {
  if (!areNicsThere) for (const nic of ['i0', 'i1', 'i2', 'i3']) cable(nic);
  areNicsThere = true;
  const controller = new ControllerProcess();
  try {
    await controller.start();
    writeFileSync(controller.file, manyServices(SERVICES));
    return await work(controller);
  } finally {
    await controller.close();
  }
}

const withServices = <Result>(work: (controller: ControllerProcess) => Promise<Result>): Promise<Result> =>
  withController((controller) => {
    controller.run('apply', controller.file);
    return work(controller);
  });

/** `hopline apply`, from the command to its last line, with nothing in the tables before. */
async function apply(): Promise<number[]> {
  const runs: number[] = [];
  for (let i = 0; i < 3; i++) {
    runs.push(await withController((controller) => timed(() => controller.run('apply', controller.file))));
  }
  return runs;
}

/** One service gets another server: from the request to the answer. */
function change(): Promise<number[]> {
  const definition = (place: number): object => ({
    address: '198.18.0.0',
    protocol: 'tcp',
    port: 1000,
    sequence: ['firewalls', 'ips1', `app${1 + place}`],
  });
  return withServices((controller) =>
    repeated(CHANGES, (place) => controller.call('PUT', '/services/service0', definition(place))),
  );
}

const check = (): Promise<number[]> =>
  withController((controller) => repeated(3, () => controller.run('check', controller.file)));

const scrape = (): Promise<number[]> =>
  withServices((controller) => repeated(3, () => controller.text('GET', '/metrics')));

const MEASURES: readonly {
  readonly what: string;
  readonly promised?: number;
  /** Each run has to keep the promise, not the median. */
  readonly each?: boolean;
  readonly run: () => Promise<number[]>;
}[] = [
  { what: 'apply', promised: 10, run: apply },
  { what: 'change', promised: 0.05, each: true, run: change },
  { what: 'check', promised: 5, run: check },
  { what: 'scrape', run: scrape },
];

/** What the controller does in seconds; `promised` is the most it may take. */
export const scaleCases: readonly Measure[] = MEASURES.map(({ what, promised, each, run }) => {
  const name = `${what}/services=${SERVICES}`;
  return {
    names: [name],
    run: async () => {
      const runs = await run();
      const figures = { runs: runs.map((value) => rounded(value)), median: rounded(median(runs)) };
      const worst = each === true ? { worst: rounded(Math.max(...runs)) } : {};
      return [{ name, unit: 's', ...figures, ...worst, ...(promised === undefined ? {} : { promised }) }];
    },
  };
});
