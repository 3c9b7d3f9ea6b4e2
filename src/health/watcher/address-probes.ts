import { setMaxListeners } from 'node:events';
import type { Model } from '../../model/types.ts';
import type { AddressProtocol, Expectations } from '../../terms/health/expectations.ts';
import type { AddressQuestion } from '../../terms/health/question.ts';
import type { DeviceSpec, ProbeSpec } from '../../terms/health/spec.ts';
import type { Unsendable } from '../frames/types.ts';
import type { ProbeResult } from '../machine/report.ts';
import { probe as ask, type ProbeTarget } from '../probes/index.ts';
import { isAddressed, outcomeOf, targetOf } from './asking.ts';
import { probeKey } from './frame-probe.ts';
import { changePace, firstTime, takeTurn } from './schedule.ts';

/** Attempts under way at once, and those of them that are programs of the user's. */
const MOST = 256;
const MOST_COMMANDS = 16;
/** Echoes and ARP are asked in batches, a process each: so they gather for this long, ms. */
const GATHER = 200;

interface AddressProbe {
  readonly device: string;
  spec: ProbeSpec;
  question: AddressQuestion;
  target: Omit<ProbeTarget, 'timeoutMs'>;
  interval: number;
  nextAt: number;
  sequence: number;
  underWay: number;
}

/** What is heard of them: results as they come, and attempts that this machine could not make. */
export interface AddressEars {
  result(result: ProbeResult): void;
  failed(words: string): void;
}

/** Every probe that is asked over an address, each at its own pace. */
export class AddressProbes {
  readonly #ears: AddressEars;
  #probes = new Map<string, AddressProbe>();
  /** Those that wait for others to end. */
  #waiting = new Set<AddressProbe>();
  readonly #underWay = new Set<Promise<void>>();
  #commands = 0;
  readonly #stop = new AbortController();

  constructor(ears: AddressEars) {
    this.#ears = ears;
    setMaxListeners(0, this.#stop.signal);
  }

  /** Takes other probes. `changed`: devices that begin anew, at their own intervals. @returns what cannot be asked. */
  define(devices: readonly DeviceSpec[], model: Model, changed: ReadonlySet<string>, now: number): Unsendable[] {
    const before = this.#probes;
    const unsendable: Unsendable[] = [];
    this.#probes = new Map();
    for (const { name: device, probes } of devices) {
      for (const spec of probes) {
        const { question } = spec;
        if (!isAddressed(question)) continue;
        const target = targetOf(question, model.devices.get(device)!, model);
        if (typeof target === 'string') {
          unsendable.push({ device, probe: spec.name, why: target });
          continue;
        }
        const key = probeKey(device, spec.name);
        const known = before.get(key);
        const { interval } = spec;
        const nextAt = gathered(question, firstTime(now, interval, this.#probes.size));
        const probe = known ?? { device, spec, question, target, interval, nextAt, sequence: 0, underWay: 0 };
        if (changed.has(device)) changePace(probe, interval, now);
        this.#probes.set(key, Object.assign(probe, { spec, question, target }));
      }
    }
    this.#waiting = new Set([...this.#waiting].filter((probe) => this.#probes.get(keyOf(probe)) === probe));
    return unsendable;
  }

  pace(device: string, name: string, interval: number, now: number): void {
    const probe = this.#probes.get(probeKey(device, name));
    if (probe !== undefined) changePace(probe, interval, now);
  }

  /** Asks now, also where an attempt is under way. */
  hurry(device: string, name: string): void {
    const probe = this.#probes.get(probeKey(device, name));
    if (probe !== undefined) this.#start(probe);
  }

  /** Asks what is due at this tick. */
  takeDue(tick: number, slack: number): void {
    for (const probe of this.#probes.values()) {
      if (takeTurn(probe, tick, slack) && probe.underWay === 0) this.#start(probe);
    }
  }

  /** Gives everything up; resolves when nothing of it is left. */
  async stop(): Promise<void> {
    this.#probes.clear();
    this.#waiting.clear();
    this.#stop.abort();
    await Promise.all(this.#underWay);
  }

  #start(probe: AddressProbe): void {
    const isCommand = probe.question.kind === 'command';
    if (this.#underWay.size >= MOST || (isCommand && this.#commands >= MOST_COMMANDS)) {
      this.#waiting.add(probe);
      return;
    }
    this.#waiting.delete(probe);
    if (isCommand) this.#commands += 1;
    const attempt = this.#attempt(probe).finally(() => {
      if (isCommand) this.#commands -= 1;
      this.#underWay.delete(attempt);
      this.#next();
    });
    this.#underWay.add(attempt);
  }

  #next(): void {
    for (const probe of this.#waiting) {
      if (this.#underWay.size >= MOST) return;
      if (probe.question.kind !== 'command' || this.#commands < MOST_COMMANDS) this.#start(probe);
    }
  }

  async #attempt(probe: AddressProbe): Promise<void> {
    const { device, question, spec } = probe;
    probe.sequence += 1;
    probe.underWay += 1;
    const { sequence } = probe;
    const sentAt = performance.now();
    const target = { ...probe.target, timeoutMs: spec.limit, signal: this.#stop.signal };
    // A question of a protocol is what its probe expects.
    const result = await ask(question.kind, target, question as unknown as Expectations[AddressProtocol]);
    probe.underWay -= 1;
    if (this.#stop.signal.aborted) return;
    const outcome = outcomeOf(result);
    const { milliseconds: took, detail } = result;
    if (outcome === undefined) this.#ears.failed(`${spec.name} of ${device} cannot be asked: ${detail}`);
    else this.#ears.result({ device, probe: spec.name, sequence, sentAt, outcome, took, detail });
  }
}

const keyOf = ({ device, spec }: AddressProbe): string => probeKey(device, spec.name);

function gathered({ kind }: AddressQuestion, at: number): number {
  return kind === 'icmp' || kind === 'neighbour' ? Math.ceil(at / GATHER) * GATHER : at;
}
