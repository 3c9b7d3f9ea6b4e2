/** One run of cases through the model and the loaded program, in the namespace this process is in. */
import { readNetwork } from '../../src/net/snapshot.ts';
import type { NetworkState } from '../../src/plan/network.ts';
import { Cables } from './cables.ts';
import { type Case, compileDefinitions, makeCase } from './case.ts';
import { differences } from './compare.ts';
import { type Dataplane, openDataplane } from './dataplane.ts';
import { truncations } from './hurt.ts';
import { liveDifferences } from './live.ts';
import { type Outcome, type World, walk } from './model.ts';
import { probesOf } from './probes.ts';
import { report as readable } from './report.ts';
import { routeTo } from './routes.ts';
import { type Shrinkable, shrink } from './shrink.ts';
import { Tally } from './tally.ts';

export interface Request {
  readonly seed: number;
  /** Place of the first case. */
  readonly first: number;
  readonly count: number;
  readonly packets: number;
  /** Every frame also cut off behind every byte. */
  readonly truncate?: boolean;
  /** As frames on the cables, too; how the program is attached. */
  readonly live?: 'native' | 'generic';
  readonly instance: string;
  readonly objectPath: string;
  /** Namespace of the far ends, NIC pN there for nN here. */
  readonly far: string;
}

export interface Report {
  readonly cases: number;
  readonly frames: number;
  /** Frames by the reason the model gives. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Frames that came out on cables. */
  readonly received: number;
  /** Shrunk cases, as text. */
  readonly failures: readonly string[];
}

const MOST_FAILURES = 3;
const MOST_ATTEMPTS = 1000;

/** Does it all. @throws Error when the engine cannot be opened. */
export async function runHere(request: Request): Promise<Report> {
  const all = await readNetwork();
  const nics = new Map([...all.nics].filter(([name]) => /^n\d$/.test(name)));
  const routes = routeTo(new Map([...all.nics].map(([name, { ifindex }]) => [name, ifindex])));
  const { instance, objectPath, live, far } = request;
  const attach = live === undefined ? {} : { attach: { nics: [...nics.values()], mode: live } };
  const dataplane = await openDataplane({ instance, objectPath, ...attach });
  const ends = [...nics.values()].map(({ ifindex, name }) => ({ ifindex, nic: `p${name.slice(1)}`, netns: far }));
  const cables = live === undefined ? undefined : await Cables.open(ends);
  try {
    return await new Run(request, { nics, neighbours: new Map() }, { dataplane, cables, routes }).all();
  } finally {
    await cables?.close();
    await dataplane.close();
  }
}

interface Tools {
  readonly dataplane: Dataplane;
  readonly cables: Cables | undefined;
  readonly routes: World['routes'];
}

class Run {
  readonly #request: Request;
  readonly #network: NetworkState;
  readonly #tools: Tools;
  readonly #reasons: Record<string, number> = {};
  readonly #failures: string[] = [];
  #frames = 0;
  #received = 0;
  readonly #expected = new Tally();

  constructor(request: Request, network: NetworkState, tools: Tools) {
    this.#request = request;
    this.#network = network;
    this.#tools = tools;
  }

  async all(): Promise<Report> {
    const { seed, first, count } = this.#request;
    let cases = 0;
    for (let place = first; place < first + count && this.#failures.length < MOST_FAILURES; place += 1) {
      cases += 1;
      const one = this.#make(place);
      const lines = await this.#tryOut(one, true);
      if (lines.length > 0) {
        this.#failures.push(await this.#explain(`HOPLINE_SEED=${seed} HOPLINE_CASE=${place}`, one, lines));
      }
    }
    this.#failures.push(...this.#expected.differences(this.#tools.dataplane.counted()));
    return { cases, frames: this.#frames, reasons: this.#reasons, received: this.#received, failures: this.#failures };
  }

  /** A case that does not fail again depends on the definitions before it: then it is told as it was. */
  async #explain(again: string, one: Case, lines: readonly string[]): Promise<string> {
    const fails = async (smaller: Shrinkable): Promise<boolean> => (await this.#tryOut(smaller, false)).length > 0;
    if (!(await fails(one))) {
      return readable(`${again}, only after the cases before it`, one, lines);
    }
    const small = await shrink(one, fails, MOST_ATTEMPTS);
    return readable(again, small, await this.#tryOut(small, false));
  }

  #make(place: number): Case {
    const one = makeCase(this.#request.seed, place, this.#network, this.#request.packets);
    if (!this.#request.truncate) {
      return one;
    }
    const cut = (frame: Uint8Array): Uint8Array[] => truncations(frame.slice(0, 14 + 160));
    const arriving = one.arriving.flatMap((whole) => cut(whole.frame).map((frame) => ({ ...whole, frame })));
    return { ...one, arriving };
  }

  /** Differences as text; none for definitions that do not compile. */
  async #tryOut(one: Shrinkable, isCounted: boolean): Promise<string[]> {
    const compiled = compileDefinitions(one.definitions, this.#network);
    if (compiled === undefined) {
      return [];
    }
    const { dataplane, cables, routes } = this.#tools;
    await dataplane.apply(compiled.fabric, compiled.steps);
    const probes = cables === undefined ? probesOf(compiled.tables) : [];
    dataplane.setProbes(probes);
    const world: World = { tables: compiled.tables, routes, probes, fragments: new Map() };
    if (cables === undefined) {
      return one.arriving.flatMap(({ frame, ifindex }, place) => {
        const expected = this.#walk(world, frame, ifindex, isCounted);
        return differences(expected, dataplane.testRun(frame, ifindex), dataplane.slotOf).map(
          (line) => `frame ${place}: ${line}`,
        );
      });
    }
    const fitting = one.arriving.filter(({ frame, ifindex }) => this.#fits(frame, ifindex));
    const outcomes = fitting.map(({ frame, ifindex }) => this.#walk(world, frame, ifindex, isCounted));
    const expected = outcomes.flatMap(({ sent }) => sent);
    const before = dataplane.counted().sent;
    const received = await cables.exchange(
      fitting.map(({ frame, ifindex }) => ({ bytes: frame, ifindex })),
      expected.length,
    );
    this.#received += isCounted ? received.length : 0;
    const toLegs = expected.filter(({ leg }) => leg !== 0).length;
    const counted = dataplane.counted().sent - before;
    const lines = toLegs === counted ? [] : [`frames sent to legs: model ${toLegs}, program ${counted}`];
    return [...liveDifferences(expected, received), ...lines];
  }

  /** Larger frames do not reach a program through a cable. */
  #fits(frame: Uint8Array, ifindex: number): boolean {
    const nic = [...this.#network.nics.values()].find((one) => one.ifindex === ifindex);
    return frame.length <= (nic?.mtu ?? 0) + 18;
  }

  #walk(world: World, frame: Uint8Array, ifindex: number, isCounted: boolean): Outcome {
    const outcome = walk(world, frame, ifindex);
    this.#expected.count(outcome, frame, this.#tools.cables !== undefined);
    if (isCounted) {
      this.#frames += 1;
      this.#reasons[outcome.reason] = (this.#reasons[outcome.reason] ?? 0) + 1;
    }
    return outcome;
  }
}
