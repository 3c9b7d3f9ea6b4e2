/** What a scenario asks a running engine about its devices, and waits for. */
import type { DeviceView } from '../../src/api-types/operations.ts';
import type { ToldEvent } from '../../src/health/types.ts';
import type { CapturedFrame } from './capture.ts';
import type { Engine } from './engine.ts';
import type { Lab } from './lab.ts';

const LIMIT = 20_000;
const PAUSE = 50;

/** Where handshakes come from unless definitions say otherwise. */
const HANDSHAKE_SOURCES = ['192.0.0.8', '100::8'];

/** Frames of the engine's own: probes that begin or end at one of its addresses. For `expectLegs` and `quiet`. */
export function isProbe(lab: Lab): (frame: CapturedFrame) => boolean {
  const own = Object.values(lab.topology.engine).flatMap((addresses) => addresses.map((each) => each.split('/')[0]));
  const addresses = new Set([...own, ...HANDSHAKE_SOURCES]);
  return ({ fields: { ip } }) => ip === undefined || addresses.has(ip.source) || addresses.has(ip.destination);
}

/** Told beside what a scenario is about. */
export const ASIDE: ReadonlySet<string> = new Set(['controller', 'spare', 'no-spare', 'applied']);

async function poll<T>(what: string, look: () => Promise<T | undefined>, tell: () => Promise<string>): Promise<T> {
  const deadline = Date.now() + LIMIT;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`wait for ${what}: not in ${LIMIT} ms; ${await tell()}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

export class Watching {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /**
   * Every event about devices and pools so far, oldest first; on a busy machine the controller also tells that it was late, and
   * of each pool of two that lost one that it has no spare left.
   */
  async events(): Promise<readonly ToldEvent[]> {
    return (await this.#engine.events()).filter(({ what }) => !ASIDE.has(what));
  }

  /** Waits for events behind the first `after` that are enough. @returns those there were then. */
  until(after: number, enough: (events: readonly ToldEvent[]) => boolean): Promise<readonly ToldEvent[]> {
    const look = async (): Promise<readonly ToldEvent[] | undefined> => {
      const events = (await this.events()).slice(after);
      return enough(events) ? events : undefined;
    };
    return poll('events', look, () => this.#story());
  }

  /** Waits until a device, or a device for one application, is in a state. @returns the reason. */
  state(device: string, state: string, application?: string): Promise<string> {
    const look = async (): Promise<string | undefined> => {
      const found = (await this.#engine.devices()).find(({ name }) => name === device);
      return found?.health.find((each) => each.application === application && each.state === state)?.reason;
    };
    return poll(`${device} to be ${state}`, look, () => this.#story());
  }

  devices(): Promise<readonly DeviceView[]> {
    return this.#engine.devices();
  }

  /** Where a pool word's packets go, why, and whether they are believed to get through. */
  async word(name: string): Promise<{ readonly target: string; readonly works: boolean; readonly reason: string }> {
    const words = (await this.#engine.pools()).flatMap((pool) => pool.words);
    const found = words.find((word) => word.name === name);
    if (found === undefined)
      throw new Error(`word ${name}: there are only ${words.map((word) => word.name).join(', ')}`);
    return found;
  }

  /** A command of the command line that must succeed. @returns what it printed. */
  async command(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.#engine.hopline(...args);
    if (code !== 0) throw new Error(`hopline ${args.join(' ')}: exit ${code}: ${stderr}`);
    return stdout;
  }

  async #story(): Promise<string> {
    const devices = (await this.#engine.devices()).map(({ name, health }) => ({ name, health }));
    const events = (await this.events()).map((event) => JSON.stringify(event));
    return [`devices: ${JSON.stringify(devices)}`, 'events:', ...events].join('\n');
  }
}

export const watch = (engine: Engine): Watching => new Watching(engine);
