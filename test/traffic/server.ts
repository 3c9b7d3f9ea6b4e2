import type { ChildProcess } from 'node:child_process';
import { type Cable, cable } from './cable.ts';
import { Namespace } from './namespace.ts';
import type { Traffic } from './traffic.ts';

/** A server with a real listening TCP process in a namespace of its own; numbered frames are counted before its stack. */
export class Server {
  readonly name: string;
  readonly cable: Cable;
  readonly #namespace: Namespace;
  readonly #port: number;
  #process: ChildProcess | undefined;

  /** @param address the service's, which it has on its loopback interface; its way back is the engine. */
  constructor(name: string, address: string, port: number, traffic: Traffic) {
    this.name = name;
    this.#port = port;
    this.cable = cable(`${name}-leg`);
    const { engine, far } = this.cable;
    traffic.receive({ ifindex: far.ifindex, mac: far.mac, timed: true });
    this.#namespace = new Namespace(far);
    const inside = (...args: string[]) => this.#namespace.run('ip', ...args);
    inside('address', 'add', `${address}/32`, 'dev', 'lo');
    inside('address', 'add', '10.99.0.2/24', 'dev', far.name);
    inside('neighbour', 'add', '10.99.0.1', 'lladdr', engine.mac, 'dev', far.name);
    inside('route', 'add', 'default', 'via', '10.99.0.1');
    this.#namespace.run('ethtool', '-K', far.name, 'tx', 'off');
    this.live();
  }

  /** Kills the process. The time before, in milliseconds of CLOCK_MONOTONIC. */
  die(): number {
    const told = Number(process.hrtime.bigint()) / 1e6;
    this.#process?.kill('SIGKILL');
    return told;
  }

  /** Starts the process again. */
  live(): void {
    this.#process = this.#namespace.start('.output/test/traffic/listen', String(this.#port));
  }

  close(): void {
    this.#namespace.close();
  }
}
