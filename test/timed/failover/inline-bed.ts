import { Bridge } from '../../traffic/bridge.ts';
import { type Cable, cable, unplug } from '../../traffic/cable.ts';
import type { Stream } from '../../traffic/stream.ts';
import { Traffic } from '../../traffic/traffic.ts';
import { pause, WatchingController } from './controller.ts';
import type { Disturbed, Trial } from './figures.ts';
import { playOtherMachines } from './priority.ts';
import { cpuTime } from './stolen.ts';
import { waitedBy } from './waited.ts';

/** Milliseconds a fail-over may take before it counts as none. */
const NEVER = 5000;
/** Milliseconds that frames on their way are given to arrive. */
const SETTLE = 30;

export interface InlineShape {
  readonly services?: number;
  /** The `health` of both firewalls, as in definitions. */
  readonly health?: string;
  /** Other keys of the pool of both: `fail_back: true`. */
  readonly pool?: string;
  /** What services go through: the pool `firewalls` by default, or one of both. */
  readonly through?: string;
}

const addressOf = (n: number): string => `10.0.${n >> 8}.${n & 255}`;

/** Two bridging firewalls in a pool, a sink behind them, and clients before them that send numbered frames. */
export class InlineBed {
  readonly clients: Cable = cable('clients');
  readonly sink: Cable = cable('sink');
  readonly traffic: Traffic;
  readonly firewalls: { readonly fw1: Bridge; readonly fw2: Bridge };
  readonly controller: WatchingController;
  readonly #services: number;

  constructor(shape: InlineShape = {}) {
    playOtherMachines();
    this.traffic = new Traffic(cable('spare').far.ifindex);
    const bridge = (name: string) => new Bridge(name, this.traffic);
    this.firewalls = { fw1: bridge('fw1'), fw2: bridge('fw2') };
    const { far } = this.sink;
    this.traffic.receive({ ifindex: far.ifindex, mac: far.mac, timed: true });
    this.#services = shape.services ?? 1;
    this.controller = new WatchingController(this.#definitions(shape));
  }

  /** Starts the controller, and waits until it found both firewalls up. */
  async start(): Promise<void> {
    await this.controller.start();
    await this.controller.untilUp('firewalls');
    this.aim();
  }

  /** Both firewalls carry, are told to come back, and are up; the first one works. */
  async renew(): Promise<void> {
    for (const [name, bridge] of Object.entries(this.firewalls)) {
      bridge.live();
      await this.controller.tell(name, 'restore');
    }
    await this.controller.untilUp('firewalls');
    await this.controller.call('PUT', '/pools/firewalls', { member: 'fw1' });
    await this.controller.untilActive('firewalls', 'fw1');
  }

  aim(stream: Partial<Stream> = {}): void {
    this.traffic.aim({
      ifindex: this.clients.far.ifindex,
      destinationMac: this.clients.engine.mac,
      sourceMac: this.clients.far.mac,
      destination: addressOf(0),
      destinations: this.#services,
      source: '192.0.2.1',
      sources: 200,
      port: 80,
      ...stream,
    });
  }

  /** Frames that arrived behind the firewalls, ever. */
  arrived(): number {
    return this.traffic.received(this.sink.far.ifindex);
  }

  /** Sends at a rate while `work` goes on. */
  under<Result>(rate: number, work: () => Promise<Result>): Promise<Result> {
    return this.traffic.during(rate, work);
  }

  /**
   * Lets the firewall that works die, at a phase of its probes nobody chose, and brings it back. Traffic must flow.
   * @throws Error when no frame comes through the other one.
   */
  async trial(interval: number): Promise<Trial> {
    const { active } = await this.controller.untilUp('firewalls');
    const [dying, other] = active === 'fw1' ? (['fw1', 'fw2'] as const) : (['fw2', 'fw1'] as const);
    await pause(100 + Math.random() * interval);
    const alternate = this.firewalls[other].outside.far.ifindex;
    this.traffic.arm(alternate);
    const from = this.traffic.sequence;
    const before = { stolen: cpuTime().stolen, waited: waitedBy(this.controller.pid) };
    const died = this.firewalls[dying].die();
    try {
      const handed = await this.#firstAt(alternate);
      const stolen = cpuTime().stolen - before.stolen;
      const waited = waitedBy(this.controller.pid) - before.waited;
      await pause(SETTLE);
      const to = this.traffic.sequence;
      await pause(SETTLE);
      const through = this.traffic.arrivedAfter(handed, from, to);
      if (through === undefined) throw new Error(`fail over from ${dying} to ${other}: nothing came through`);
      return { milliseconds: through - died, lost: this.traffic.account(from, to).lost, stolen, waited };
    } finally {
      this.firewalls[dying].live();
      await this.controller.tell(dying, 'restore');
    }
  }

  /** As many deaths of the firewall that works, without traffic: it is over when the other one works. */
  async deaths(count: number): Promise<readonly Disturbed[]> {
    const deaths: Disturbed[] = [];
    for (let i = 0; i < count; i++) {
      const { active } = await this.controller.untilUp('firewalls');
      const [dying, other] = active === 'fw1' ? (['fw1', 'fw2'] as const) : (['fw2', 'fw1'] as const);
      const before = cpuTime().stolen;
      this.firewalls[dying].die();
      await this.controller.untilActive('firewalls', other);
      deaths.push({ stolen: cpuTime().stolen - before });
      this.firewalls[dying].live();
      await this.controller.tell(dying, 'restore');
    }
    return deaths;
  }

  /** As many trials, one after the other. */
  async trials(count: number, interval: number): Promise<readonly Trial[]> {
    const trials: Trial[] = [];
    for (let i = 0; i < count; i++) trials.push(await this.trial(interval));
    return trials;
  }

  /** Takes all of it away, and every other cable of this process. */
  async close(): Promise<void> {
    await this.controller.close();
    this.traffic.close();
    unplug();
    for (const bridge of Object.values(this.firewalls)) bridge.close();
  }

  async #firstAt(nic: number): Promise<number> {
    const deadline = performance.now() + NEVER;
    while (performance.now() < deadline) {
      const first = this.traffic.first(nic);
      if (first !== undefined) return first;
      await pause(5);
    }
    throw new Error(`fail over: no frame was handed to the alternate in ${NEVER} ms\n${this.controller.log}`);
  }

  #definitions({ health, pool, through = 'firewalls' }: InlineShape): string {
    const firewall = (name: 'fw1' | 'fw2'): string => {
      const { outside, inside } = this.firewalls[name];
      const legs = `{outside: {interface: ${outside.engine.name}}, inside: {interface: ${inside.engine.name}}}`;
      const watched = health === undefined ? '' : `, health: ${health}`;
      return `  ${name}: {kind: inline, forwards: bridge, legs: ${legs}${watched}}`;
    };
    const { engine, far } = this.sink;
    const nics = Object.values(this.firewalls).flatMap(({ outside, inside }) => [outside.engine, inside.engine]);
    return [
      'interfaces:',
      `  ${this.clients.engine.name}: {faces: clients}`,
      ...[...nics, engine].map(({ name }) => `  ${name}: {faces: devices}`),
      'devices:',
      firewall('fw1'),
      firewall('fw2'),
      `  behind: {kind: server, mode: loopback, health: off, legs: {only: {interface: ${engine.name}, mac: "${far.mac}"}}}`,
      'pools:',
      `  firewalls: {members: [fw1, fw2]${pool === undefined ? '' : `, ${pool}`}}`,
      'services:',
      ...Array.from(
        { length: this.#services },
        (_, n) => `  s${n}: {address: ${addressOf(n)}, protocol: udp, port: 80, sequence: [${through}, behind]}`,
      ),
      '',
    ].join('\n');
  }
}
