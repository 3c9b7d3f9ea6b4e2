import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import type { StatusView } from '../../src/api-types/operations.ts';
import type { DecodedEntry, TableStatus } from '../../src/dataplane/types.ts';
import { unwatched } from '../lab/unwatched.ts';
import { ControllerProcess } from '../timed/controller.ts';
import { type Cable, cable } from '../traffic/cable.ts';
import { Traffic } from '../traffic/traffic.ts';
import { contentsOf } from './contents.ts';
import { type Answer, ask, type Ended, hopline } from './hopline.ts';
import { bytesOf } from './tables.ts';

/** Frames a second: enough that nothing happens unseen, and little for the machine. */
const RATE = 20_000;
const FILLED = new Set(['slots', 'names', 'legs', 'pools', 'addresses', 'groups', 'copies', 'ranges', 'origins']);
export const ADDRESS = '10.0.0.0';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until `condition` holds. @throws Error with `what` after `seconds`. */
export async function until(what: string, condition: () => Promise<boolean>, seconds = 15): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`wait until ${what}: not within ${seconds} s`);
    await pause(50);
  }
}

export const leg = ({ engine, far }: Cable): string => `{interface: ${engine.name}, mac: "${far.mac}"}`;

/**
 * A controller, and numbered packets through a service of two devices, `watched`, that must not lose one of them
 * whatever happens to the rest. NICs begin with `prefix` (three letters at most), so that beds share a namespace.
 */
export class Bed {
  readonly clients: Cable;
  readonly outside: Cable;
  readonly inside: Cable;
  server: Cable;
  readonly traffic: Traffic;
  readonly controller: ControllerProcess;
  #atRest: unknown;

  constructor(prefix: string) {
    const end = (name: string): Cable => cable(`${prefix}-${name}`);
    [this.clients, this.outside, this.inside, this.server] = [end('cl'), end('out'), end('in'), end('srv')];
    this.traffic = new Traffic(end('spare').far.ifindex);
    this.controller = new ControllerProcess(this.definitions());
    const { clients, outside, inside, server } = this;
    for (const [one, other] of [
      [outside, inside],
      [inside, outside],
    ] as const) {
      const out = { ifindex: other.far.ifindex, destinationMac: other.engine.mac, sourceMac: other.far.mac };
      this.traffic.receive({ ifindex: one.far.ifindex, mac: one.far.mac, out });
    }
    this.traffic.receive({ ifindex: server.far.ifindex, mac: server.far.mac });
    this.traffic.aim({
      ifindex: clients.far.ifindex,
      destinationMac: clients.engine.mac,
      sourceMac: clients.far.mac,
      destination: ADDRESS,
      source: '192.0.2.1',
      sources: 200,
      port: 80,
    });
  }

  /** The definitions of `watched`, with more lines in each section. */
  definitions(more: { interfaces?: string[]; devices?: string[]; pools?: string[]; services?: string[] } = {}): string {
    const { clients, outside, inside, server } = this;
    const section = (name: string, lines: readonly string[]): string =>
      lines.length === 0 ? '' : `${name}:\n${lines.map((line) => `  ${line}\n`).join('')}`;
    return unwatched(
      [
        section('interfaces', [
          `${clients.engine.name}: {faces: clients}`,
          ...[outside, inside, server].map(({ engine }) => `${engine.name}: {faces: devices}`),
          ...(more.interfaces ?? []),
        ]),
        section('devices', [
          `fw1: {kind: inline, legs: {outside: ${leg(outside)}, inside: ${leg(inside)}}}`,
          `app1: {kind: server, mode: loopback, legs: {only: ${leg(server)}}}`,
          ...(more.devices ?? []),
        ]),
        section('pools', more.pools ?? []),
        section('services', [
          `watched: {address: ${ADDRESS}, protocol: udp, port: 80, sequence: [fw1, app1]}`,
          ...(more.services ?? []),
        ]),
      ].join(''),
    );
  }

  get environment(): NodeJS.ProcessEnv {
    return this.controller.environment;
  }

  get instance(): string {
    return this.environment.HOPLINE_INSTANCE!;
  }

  get socket(): string {
    return join(this.controller.directory, `${this.instance}.sock`);
  }

  /** Every byte of the dataplane but counters. */
  bytes(): Readonly<Record<string, string>> {
    return bytesOf(this.instance, this.environment.HOPLINE_PIN_ROOT);
  }

  /** Starts the controller, and waits until what was applied is in force and every NIC attached. */
  async start(): Promise<void> {
    await this.controller.start();
    await until('the definitions are in force', async () => {
      const { services, interfaces } = await this.status();
      return services > 0 && interfaces.every(({ mode }) => mode !== undefined);
    });
    this.#atRest ??= await this.#steady();
  }

  /** Waits until what was removed is gone from every table. */
  async settled(): Promise<void> {
    await until('what was removed is gone', async () => isDeepStrictEqual(await this.#used(), this.#atRest)).catch(
      async () => expect(await this.#used()).toEqual(this.#atRest),
    );
  }

  /** The same entries twice in a row. */
  async #steady(): Promise<unknown> {
    for (let before = await this.#used(); ; ) {
      await pause(300);
      const now = await this.#used();
      if (isDeepStrictEqual(now, before)) return now;
      before = now;
    }
  }

  /** Entries in use, of the tables that definitions fill. */
  async #used(): Promise<unknown> {
    const tables = (await this.controller.call('GET', '/maps')) as TableStatus[];
    return tables.filter(({ name }) => FILLED.has(name)).map(({ name, used }) => [name, used]);
  }

  async status(): Promise<StatusView> {
    return (await this.controller.call('GET', '/status')) as StatusView;
  }

  /** What every table holds, by names. */
  contents(): ReturnType<typeof contentsOf> {
    return contentsOf(async (table) => (await this.controller.call('GET', `/maps/${table}`)) as DecodedEntry[]);
  }

  /** The same, when nothing removed is on its way out any more. */
  async atRest(): Promise<Awaited<ReturnType<typeof contentsOf>>> {
    // As often as it takes: removed steps serve a second longer.
    for (let before = await this.contents(); ; ) {
      await pause(1500);
      const now = await this.contents();
      if (isDeepStrictEqual(now, before)) return now;
      before = now;
    }
  }

  /** Everything that has a name in the tables. */
  async names(): Promise<ReadonlySet<string>> {
    const entries = (await this.controller.call('GET', '/maps/names')) as DecodedEntry[];
    return new Set(entries.map(({ value }) => String(value.text)));
  }

  hopline(...args: string[]): Promise<Ended> {
    return hopline(this.environment, ...args);
  }

  ask(method: string, path: string, body?: unknown): Promise<Answer> {
    return ask(this.socket, method, path, body === undefined ? undefined : JSON.stringify(body));
  }

  apply(text: string, file = 'hopline.yaml'): Promise<Answer> {
    return this.ask('PUT', '/definitions', { text, file });
  }

  /** Sends to `watched` while `work` goes on; every frame must arrive, once. */
  async under<Result>(work: () => Promise<Result>): Promise<Result> {
    const { traffic, server } = this;
    const first = traffic.sequence;
    let done = false;
    const arrived = () => traffic.received(server.far.ifindex);
    const load = traffic.pace(RATE, arrived, () => done);
    let result: Result;
    try {
      await pause(100);
      result = await work();
      await pause(100);
    } finally {
      done = true;
      await load;
    }
    await pause(100);
    expect(traffic.sequence - first).toBeGreaterThan(RATE / 40);
    expect(traffic.account(first, traffic.sequence)).toEqual({ lost: 0, twice: 0 });
    return result;
  }

  /** As {@link under}; and the dataplane is afterwards what it was before. */
  async unchanged<Result>(work: () => Promise<Result>): Promise<Result> {
    const before = this.bytes();
    const result = await this.under(work);
    expect(this.bytes()).toEqual(before);
    return result;
  }

  async close(): Promise<void> {
    await this.controller.close();
    this.traffic.close();
  }
}
