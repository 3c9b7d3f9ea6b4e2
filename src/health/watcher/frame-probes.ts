import type { Prober } from '../../dataplane/probe/prober-types.ts';
import type { DeviceSpec } from '../../terms/health/spec.ts';
import type { ComposedProbe } from '../frames/types.ts';
import type { ProbeResult } from '../machine/report.ts';
import { fromKernel } from './clock.ts';
import { type FrameProbe, probeKey, takeFrames, type WatchedFrame } from './frame-probe.ts';
import { type Judgement, judgeAll, NOT_SENT, takeLate, takeRefused } from './judgement.ts';
import { changePace, firstTime, takeTurn } from './schedule.ts';

/** Ticks are at least and at most so far apart, ms. */
const SHORTEST_TICK = 5;
const LONGEST_TICK = 100;
/** A refusal is there after so many ms, if one comes. */
const EARLY = 5;

/** Every probe that the prober sends: when it is due, what left, and what became of it. Times are milliseconds. */
export class FrameProbes {
  readonly #prober: Prober;
  readonly #probes = new Map<string, FrameProbe>();
  #frames: ReadonlySet<WatchedFrame> = new Set();
  #urgent = new Set<FrameProbe>();
  #judgements: Judgement[] = [];
  #late: ProbeResult[] = [];
  #tick = LONGEST_TICK;

  constructor(prober: Prober) {
    this.#prober = prober;
  }

  /** How far ticks are apart: the shortest interval there is. */
  get tick(): number {
    return this.#tick;
  }

  /** When the next limit is over. */
  get nextJudgement(): number {
    return this.#judgements.reduce((least, { at, early }) => Math.min(least, at, early), Number.POSITIVE_INFINITY);
  }

  /** Takes other probes. `changed`: devices that begin anew, at their own intervals. */
  define(
    devices: readonly DeviceSpec[],
    composed: readonly ComposedProbe[],
    changed: ReadonlySet<string>,
    now: number,
  ): void {
    const frames = Map.groupBy(composed, ({ device, probe }) => probeKey(device, probe));
    const before = new Map(this.#probes);
    const sentBefore = this.#frames;
    this.#probes.clear();
    this.#tick = LONGEST_TICK;
    for (const { name: device, probes } of devices) {
      for (const spec of probes) {
        if (!isSent(spec.question.kind)) continue;
        const key = probeKey(device, spec.name);
        const probe = before.get(key) ?? newProbe(device, spec, this.#probes.size, now);
        if (changed.has(device)) changePace(probe, spec.interval, now);
        probe.spec = spec;
        probe.frames = takeFrames(probe, frames.get(key) ?? [], this.#prober);
        this.#probes.set(key, probe);
        this.#tick = Math.min(this.#tick, spec.interval);
      }
    }
    this.#tick = Math.max(this.#tick, SHORTEST_TICK);
    this.#frames = new Set([...this.#probes.values()].flatMap(({ frames: sent }) => sent));
    for (const frame of sentBefore) if (!this.#frames.has(frame)) frame.gone = true;
    this.#urgent = new Set([...this.#urgent].filter((probe) => this.#probes.get(keyOf(probe)) === probe));
  }

  pace(device: string, name: string, interval: number, now: number): void {
    const probe = this.#probes.get(probeKey(device, name));
    if (probe !== undefined) changePace(probe, interval, now);
  }

  /** Sends it with the next call, whenever it would be due. @returns whether it is one of these. */
  hurry(device: string, name: string): boolean {
    const probe = this.#probes.get(probeKey(device, name));
    if (probe === undefined) return false;
    this.#urgent.add(probe);
    return true;
  }

  /** Whether anything is to be sent. */
  get isWaiting(): boolean {
    return this.#urgent.size > 0;
  }

  /** Marks what is due at this tick as to be sent. */
  takeDue(tick: number): void {
    const slack = this.#tick / 2;
    for (const probe of this.#probes.values()) if (takeTurn(probe, tick, slack)) this.#urgent.add(probe);
  }

  /**
   * Sends all that is to be sent, in one call; resolves when it has left. What did not leave has no result.
   * @throws BpfError
   */
  async send(): Promise<void> {
    const probes = [...this.#urgent].filter(({ frames }) => frames.length > 0);
    this.#urgent.clear();
    if (probes.length === 0) return;
    const frames = probes.map((probe) => probe.frames);
    const ids: number[] = [];
    for (const [i, probe] of probes.entries()) {
      for (const frame of frames[i]!) {
        ids.push(frame.id);
        if (frame.lost === undefined) continue;
        const late = takeLate(probe, frame, this.#prober.answer(frame.id));
        if (late !== undefined) this.#late.push(late);
      }
    }
    await this.#prober.send(new Uint32Array(ids));
    this.#note(probes, frames);
  }

  /** Results whose time has come. `lossOf` is told the device of every loss. */
  judge(now: number, lossOf: (device: string) => void): readonly ProbeResult[] {
    const results = this.#late;
    this.#late = [];
    const open: Judgement[] = [];
    for (const judgement of this.#judgements) {
      if (judgement.at <= now) {
        judgeAll(judgement, this.#prober, results, lossOf);
        continue;
      }
      open.push(judgement);
      if (judgement.early > now) continue;
      judgement.early = Number.POSITIVE_INFINITY;
      results.push(...takeRefused(judgement, this.#prober));
    }
    this.#judgements = open;
    return results;
  }

  /** They have left: from when on each counts, and when its limit is over. */
  #note(probes: readonly FrameProbe[], frames: readonly (readonly WatchedFrame[])[]): void {
    const byLimit = new Map<number, Judgement>();
    let judgement: Judgement | undefined;
    for (const [i, probe] of probes.entries()) {
      const { limit } = probe.spec;
      // Most have the same.
      if (judgement?.limit !== limit) {
        judgement = byLimit.get(limit) ?? newJudgement(limit);
        byLimit.set(limit, judgement);
      }
      probe.sequence += 1;
      judgement.probes.push(probe);
      judgement.frames.push(frames[i]!);
      judgement.sequences.push(probe.sequence);
      for (const frame of frames[i]!) {
        if (frame.gone) {
          judgement.sent.push(NOT_SENT);
          judgement.sentAt.push(0);
          continue;
        }
        const { sent, sentAt } = this.#prober.answer(frame.id);
        const at = fromKernel(sentAt);
        const left = sent !== frame.sent;
        frame.sent = sent;
        judgement.sent.push(left ? sent : NOT_SENT);
        judgement.sentAt.push(at);
        if (!left) continue;
        judgement.at = Math.max(judgement.at, at + limit);
        if (probe.spec.question.kind === 'handshake') judgement.early = at + Math.min(EARLY, limit / 4);
      }
    }
    this.#judgements.push(...byLimit.values());
  }
}

function newJudgement(limit: number): Judgement {
  return {
    at: 0,
    early: Number.POSITIVE_INFINITY,
    limit,
    probes: [],
    frames: [],
    sequences: [],
    sent: [],
    sentAt: [],
  };
}

const isSent = (kind: string): boolean => kind === 'through' || kind === 'negative' || kind === 'handshake';

const keyOf = ({ device, spec }: FrameProbe): string => probeKey(device, spec.name);

function newProbe(device: string, spec: FrameProbe['spec'], place: number, now: number): FrameProbe {
  const { interval } = spec;
  return { device, spec, frames: [], interval, nextAt: firstTime(now, interval, place), sequence: 0 };
}
