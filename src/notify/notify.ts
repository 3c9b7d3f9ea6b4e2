import { hostname } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from '../dataplane/types.ts';
import type { ToldEvent } from '../health/types.ts';
import { command } from './command.ts';
import { writeJournal } from './journal.ts';
import type { Result, Way } from './notifier.ts';
import { webhook } from './webhook.ts';

/** Whom definitions or options want to be told of every event. */
export type Notify =
  | { readonly kind: 'webhook'; readonly url: string }
  | { readonly kind: 'command'; readonly run: readonly string[] };

/** How many tellings ended so. */
export interface Told {
  readonly way: Notify['kind'];
  readonly result: Result;
  readonly count: number;
}

/** So long after a message about what could not be told the next one of that way is written, in ms. */
const QUIET = 60_000;

/** Tells of events: always the journal, and whoever else wants it. Never waits, never throws. */
export class Telling {
  readonly #logger: Logger;
  readonly #instance: string;
  readonly #always: readonly Notify[];
  readonly #counts = new Map<string, Told>();
  readonly #quietUntil = new Map<string, number>();
  readonly #untold: ToldEvent[] = [];
  #ways: readonly { readonly notify: Notify; readonly way: Way }[] = [];

  /** @param always from the command line: told whatever the definitions say. */
  constructor(logger: Logger, instance: string, always: readonly Notify[] = []) {
    this.#logger = logger;
    this.#instance = instance;
    this.#always = always;
    for (const way of ['webhook', 'command'] as const) {
      for (const result of ['delivered', 'failed', 'dropped'] as const) this.#add(way, result, 0);
    }
    this.define([]);
  }

  /** Whom the definitions want to be told from now on. Those that stay keep what waits for them. */
  define(notify: readonly Notify[]): void {
    const wanted = [...this.#always, ...notify];
    const unique = wanted.filter((each, i) => wanted.findIndex((other) => isDeepStrictEqual(each, other)) === i);
    const before = this.#ways;
    this.#ways = unique.map(
      (each) => before.find((way) => isDeepStrictEqual(way.notify, each)) ?? { notify: each, way: this.#make(each) },
    );
    for (const each of before) if (!this.#ways.includes(each)) void each.way.stop();
  }

  /** Nobody is told in this turn of the event loop: starting a program takes milliseconds, and verdicts are stored in it. */
  tell(event: ToldEvent): void {
    if (this.#untold.push(event) === 1) setImmediate(() => this.#tellAll());
  }

  counts(): readonly Told[] {
    return [...this.#counts.values()];
  }

  async stop(): Promise<void> {
    this.#tellAll();
    await Promise.all(this.#ways.map(({ way }) => way.stop()));
  }

  #tellAll(): void {
    for (const event of this.#untold.splice(0)) {
      writeJournal(this.#logger, event);
      for (const { way } of this.#ways) way.tell(event);
    }
  }

  #make(notify: Notify): Way {
    const from = { instance: this.#instance, host: hostname() };
    const report = (result: Result, why?: string): void => this.#report(notify.kind, result, why);
    return notify.kind === 'webhook'
      ? webhook({ url: notify.url, from }, report)
      : command({ argv: notify.run, from }, report);
  }

  #report(way: Told['way'], result: Result, why: string | undefined): void {
    this.#add(way, result, 1);
    const key = `${way} ${result}`;
    if (why === undefined || performance.now() < (this.#quietUntil.get(key) ?? 0)) return;
    this.#quietUntil.set(key, performance.now() + QUIET);
    this.#logger.warn({ way, result, why, count: this.#counts.get(key)!.count }, 'an event could not be told');
  }

  #add(way: Told['way'], result: Result, more: number): void {
    const key = `${way} ${result}`;
    this.#counts.set(key, { way, result, count: (this.#counts.get(key)?.count ?? 0) + more });
  }
}
