import { cable, unplug } from '../../traffic/cable.ts';
import { Server } from '../../traffic/server.ts';
import { Traffic } from '../../traffic/traffic.ts';
import { pause, WatchingController } from './controller.ts';
import type { Trial } from './figures.ts';
import { playOtherMachines } from './priority.ts';
import { cpuTime } from './stolen.ts';
import { waitedBy } from './waited.ts';

const SERVICE = '10.0.0.0';
const PORT = 80;
const NEVER = 5000;
const SETTLE = 30;

/** Two TCP servers in a pool, and clients that send them numbered frames. */
export class ServerBed {
  readonly traffic: Traffic;
  readonly servers: { readonly app1: Server; readonly app2: Server };
  readonly controller: WatchingController;

  /** @param interval of handshakes, milliseconds. */
  constructor(interval: number) {
    playOtherMachines();
    this.traffic = new Traffic(cable('spare').far.ifindex);
    const clients = cable('clients');
    const server = (name: string) => new Server(name, SERVICE, PORT, this.traffic);
    this.servers = { app1: server('app1'), app2: server('app2') };
    this.traffic.aim({
      ifindex: clients.far.ifindex,
      destinationMac: clients.engine.mac,
      sourceMac: clients.far.mac,
      destination: SERVICE,
      source: '192.0.2.1',
      sources: 200,
      port: PORT,
      protocol: 'tcp',
    });
    const device = (name: 'app1' | 'app2'): string => {
      const { engine, far } = this.servers[name].cable;
      const legs = `{only: {interface: ${engine.name}, mac: "${far.mac}"}}`;
      return `  ${name}: {kind: server, mode: loopback, legs: ${legs}, health: {interval: ${interval}ms}}`;
    };
    this.controller = new WatchingController(`interfaces:
  ${clients.engine.name}: {faces: clients}
  app1-leg: {faces: devices}
  app2-leg: {faces: devices}
devices:
${device('app1')}
${device('app2')}
pools:
  servers: {members: [app1, app2]}
services:
  web: {address: ${SERVICE}, protocol: tcp, port: ${PORT}, sequence: [servers]}
`);
  }

  /** Starts the controller, and waits until it found both servers up. */
  async start(): Promise<void> {
    await this.controller.start();
    await this.controller.untilUp('servers');
  }

  /** Sends at a rate while `work` goes on. */
  under<Result>(rate: number, work: () => Promise<Result>): Promise<Result> {
    return this.traffic.during(rate, work);
  }

  /** Kills the process of the server that works, at any phase of its probes, and starts it again. Traffic must flow. */
  async trial(interval: number): Promise<Trial> {
    const { active } = await this.controller.untilUp('servers');
    const [dying, other] = active === 'app1' ? (['app1', 'app2'] as const) : (['app2', 'app1'] as const);
    await pause(100 + Math.random() * interval);
    const alternate = this.servers[other].cable.far.ifindex;
    this.traffic.arm(alternate);
    const late = this.traffic.received(this.servers[dying].cable.far.ifindex);
    const before = { stolen: cpuTime().stolen, waited: waitedBy(this.controller.pid) };
    const died = this.servers[dying].die();
    try {
      const through = await this.#firstAt(alternate);
      const stolen = cpuTime().stolen - before.stolen;
      const waited = waitedBy(this.controller.pid) - before.waited;
      await pause(SETTLE);
      // Frames that still reached the host whose process is gone.
      const lost = this.traffic.received(this.servers[dying].cable.far.ifindex) - late;
      return { milliseconds: through - died, lost, stolen, waited };
    } finally {
      this.servers[dying].live();
      await this.controller.tell(dying, 'restore');
    }
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
    for (const server of Object.values(this.servers)) server.close();
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
}
