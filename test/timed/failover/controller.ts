import { readdirSync, readFileSync } from 'node:fs';
import type { DeviceCommand, DeviceReport } from '../../../src/api-types/health-operations.ts';
import type { PoolView } from '../../../src/api-types/operations.ts';
import type { ToldEvent } from '../../../src/health/types.ts';
import { ControllerProcess } from '../controller.ts';

const LIMIT = 20_000;

export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** The controller, with what is asked of it about the health of devices. */
export class WatchingController extends ControllerProcess {
  /** Name of its tables. */
  get instance(): string {
    return this.environment.HOPLINE_INSTANCE!;
  }

  tell(device: string, command: DeviceCommand): Promise<DeviceReport> {
    return this.call('POST', `/devices/${device}/command`, { command }) as Promise<DeviceReport>;
  }

  replace(device: string, by: string): Promise<DeviceReport> {
    return this.call('POST', `/devices/${device}/replace`, { by }) as Promise<DeviceReport>;
  }

  /** All events there are, oldest first. */
  events(): Promise<readonly ToldEvent[]> {
    return this.call('GET', '/events') as Promise<readonly ToldEvent[]>;
  }

  /** Events after the first `known`. */
  async eventsAfter(known: number): Promise<readonly ToldEvent[]> {
    return (await this.events()).slice(known);
  }

  /** @throws Error where there is no such pool. */
  async pool(name: string): Promise<PoolView> {
    const pools = (await this.call('GET', '/pools')) as PoolView[];
    const pool = pools.find((each) => each.name === name);
    if (pool === undefined) throw new Error(`pool ${name}: there is none`);
    return pool;
  }

  /** Waits until every member of a pool is up, for all of its applications. @throws Error with what they are after 20 s. */
  async untilUp(name: string): Promise<PoolView> {
    const deadline = performance.now() + LIMIT;
    for (;;) {
      const pool = await this.pool(name);
      const states = pool.health.flatMap(({ member, health }) => health.map(({ state }) => `${member} ${state}`));
      if (states.length > 0 && states.every((state) => state.endsWith(' up'))) return pool;
      if (performance.now() > deadline) throw new Error(`wait for ${name}: ${states.join(', ')}\n${this.log}`);
      await pause(20);
    }
  }

  /** Waits until a member of a pool works. @throws Error after 20 s. */
  async untilActive(name: string, member: string): Promise<void> {
    const deadline = performance.now() + LIMIT;
    while ((await this.pool(name)).active !== member) {
      if (performance.now() > deadline)
        throw new Error(`wait for ${member} to work in ${name}: it does not\n${this.log}`);
      await pause(5);
    }
  }

  /** CPU time of its process so far, in seconds: what its threads ran, which getrusage scales its figures to. */
  cpuSeconds(): number {
    const tasks = `/proc/${this.pid}/task`;
    const ran = readdirSync(tasks).map((task) => readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ')[0]);
    return ran.reduce((sum, nanoseconds) => sum + Number(nanoseconds), 0) / 1e9;
  }
}
