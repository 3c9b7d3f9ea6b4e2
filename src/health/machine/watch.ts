import type { Direction, ProbeSpec } from '../../terms/health/spec.ts';
import { duration } from './event.ts';
import type { ProbeResult } from './report.ts';
import type { Sign, Verdict } from './run.ts';
import { count, isAlive, newStrand, type Strand } from './strand.ts';

/** So many first answers: the quickest of them is where latency begins, as clients and connections are new. */
const FIRST = 4;

/** One probe of one device: results in, verdict and pace out. Each direction of a through probe is judged for itself. */
export class Watch implements Sign {
  readonly spec: ProbeSpec;
  readonly strands: readonly Strand[];
  verdict: Verdict = 'unknown';
  /** A failure in the present row, in either direction. */
  troubled = false;
  /** Its row of losses is long enough, but frames still come out. */
  kept = false;
  /** Milliseconds between two probes, as last told to who sends them. */
  pace: number;
  /** Latency in milliseconds and loss in percent, averaged over the last results (1/8 and 1/32 each). */
  latency: number | undefined;
  loss = 0;

  #backOff: number;
  #round = -1;
  #answers = 0;

  constructor(spec: ProbeSpec) {
    this.spec = spec;
    this.strands = spec.question.kind === 'through' ? [newStrand(), newStrand()] : [newStrand()];
    this.pace = spec.interval;
    this.#backOff = spec.interval;
  }

  get family(): 4 | 6 | undefined {
    return this.spec.family;
  }

  get weight(): number {
    return this.spec.weight;
  }

  /**
   * Takes one result. Losses of probes sent before `notBefore`, or judged more than `late` after their limit, count
   * as nothing: the controller was not there to see.
   * @returns whether its verdict, its doubts or its pace may be others now.
   */
  observe(result: ProbeResult, now: number, notBefore: number, late: number): boolean {
    const strand = this.strand(result.direction);
    if (result.outcome === 'late') {
      if (this.spec.question.kind === 'through') strand.heardAt = Math.max(strand.heardAt, result.sentAt + result.took);
      this.#measure(result, notBefore);
      return false;
    }
    if (result.sequence <= strand.judged) return false;
    strand.judged = result.sequence;
    const unseen = result.sentAt < notBefore || now - result.sentAt - this.spec.limit > late;
    if (result.outcome === 'lost' && unseen) return false;
    count(strand, result, notBefore);
    this.#measure(result, notBefore);
    const changed = this.#settle();
    if (this.verdict === 'failing' && result.outcome !== 'answered') this.#slowDown(result.sequence);
    return changed || this.verdict === 'failing';
  }

  /** The strand of a direction; probes that go one way have one. */
  strand(direction: Direction | undefined): Strand {
    return this.strands[direction === 'return' ? this.strands.length - 1 : 0]!;
  }

  /** Frames of services came out in this direction, `at` in the middle. */
  heard(direction: Direction, at: number): void {
    if (this.spec.question.kind !== 'through') return;
    const strand = this.strand(direction);
    strand.heardAt = Math.max(strand.heardAt, at);
  }

  /** Forgets the present failures: they were the controller's, or have to be confirmed. */
  doubt(): void {
    for (const strand of this.strands) if (strand.run < 0) strand.run = 0;
    if (this.verdict === 'failing') this.verdict = 'passing';
    this.#settle();
  }

  /** Its link went down: whatever it answered before, it has to answer anew. */
  cut(): void {
    this.verdict = 'failing';
    for (const strand of this.strands) strand.run = 0;
  }

  /** Whether every direction was answered by a probe sent since. */
  answeredSince(at: number): boolean {
    return this.strands.every(({ run, goodAt }) => run > 0 && goodAt >= at);
  }

  /** The interval it should have now. @param doubtful the device is in doubt for another reason. */
  wantedPace(doubtful: boolean): number {
    const { interval, fast } = this.spec;
    if (this.verdict === 'failing') return this.strands.every(({ run }) => run >= 0) ? fast : this.#backOff;
    return this.troubled || doubtful ? fast : interval;
  }

  words(): string {
    const [worst, direction] = this.#worst();
    const what = this.strands.length === 1 ? this.spec.name : `${this.spec.name} (${direction})`;
    if (worst.run >= 0) return `${what}: answered ${worst.run} in a row`;
    const times = `${-worst.run} ${worst.run < -1 ? 'in a row ' : ''}${worst.outcome}`;
    const last = worst.detail === undefined ? '' : `: ${worst.detail}`;
    const span = worst.run < -1 ? ` within ${duration(worst.badAt - worst.badSince)}` : '';
    return `${what}: ${times}${span}${last}`;
  }

  #worst(): [Strand, Direction] {
    const [first, second] = this.strands as [Strand, Strand?];
    return second !== undefined && second.run < first.run ? [second, 'return'] : [first, 'forward'];
  }

  #settle(): boolean {
    const { verdict, troubled, kept } = this;
    const { fall, rise } = this.spec;
    const need = verdict === 'failing' ? rise : 1;
    let least = Number.POSITIVE_INFINITY;
    let dead = false;
    this.kept = false;
    for (const strand of this.strands) {
      least = Math.min(least, strand.run);
      if (strand.run > -fall) continue;
      if (isAlive(strand)) this.kept = true;
      else dead = true;
    }
    this.troubled = least < 0;
    if (dead) this.verdict = 'failing';
    else if (least >= need) this.verdict = 'passing';
    if (this.verdict !== 'failing') this.#backOff = this.spec.interval;
    return verdict !== this.verdict || troubled !== this.troubled || kept !== this.kept;
  }

  #slowDown(sequence: number): void {
    if (sequence <= this.#round) return;
    this.#round = sequence;
    this.#backOff = Math.min(this.spec.slow, 2 * this.#backOff);
  }

  #measure({ outcome, took, sentAt }: ProbeResult, notBefore: number): void {
    const heard = outcome === 'answered' || outcome === 'late';
    // One sent before the controller was held up may have waited for it.
    if (heard && sentAt >= notBefore) this.#time(took);
    // A late one was counted as lost before.
    if (outcome !== 'late') this.loss += ((outcome === 'answered' ? 0 : 100) - this.loss) / 32;
  }

  #time(took: number): void {
    this.#answers++;
    if (this.latency === undefined) this.latency = took;
    else if (this.#answers <= FIRST) this.latency = Math.min(this.latency, took);
    else this.latency += (took - this.latency) / 8;
  }
}
