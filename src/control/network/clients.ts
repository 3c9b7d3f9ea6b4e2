import type { Logger } from '../../dataplane/types.ts';
import { type WantedNeighbour, WantedRing } from '../../dataplane/wanted.ts';
import { useNeighbours } from '../../net/resolve.ts';
import type { NetworkState } from '../../plan/network.ts';
import type { Instance } from '../state/instance.ts';

/** Those that come within this time, in ms, are asked for together; none twice within a second. */
const GATHER = 10;
const PAUSE = 1000;
/** Of one gathering: a scan through a routed subnet must not keep the machine busy. */
const MOST = 256;
/** How often it is seen whether the tables were replaced by larger ones, in ms. */
const FOLLOW = 2000;

/**
 * Clients (and routers) that packets are routed to and whose MAC the kernel does not know: the program drops the
 * packet and says so, and here the kernel is made to ask.
 */
export class Clients {
  readonly #ring: WantedRing;
  readonly #nics: () => NetworkState['nics'];
  readonly #logger: Logger;
  readonly #recent = new Map<string, WantedNeighbour>();
  #fresh: WantedNeighbour[] = [];
  #gathering: NodeJS.Timeout | undefined;
  #timers: NodeJS.Timeout[] = [];

  constructor({ name, pinRoot }: Instance, nics: () => NetworkState['nics'], logger: Logger) {
    this.#nics = nics;
    this.#logger = logger;
    this.#ring = new WantedRing({ instance: name, pinRoot }, (wanted) => this.#want(wanted));
  }

  start(): void {
    this.#follow();
    this.#timers = [setInterval(() => this.#follow(), FOLLOW), setInterval(() => this.#recent.clear(), PAUSE)];
  }

  stop(): void {
    clearTimeout(this.#gathering);
    for (const timer of this.#timers) clearInterval(timer);
    this.#ring.stop();
  }

  #follow(): void {
    try {
      this.#ring.follow();
    } catch (error) {
      this.#logger.warn({ error: (error as Error).message }, 'wanted neighbours cannot be read');
    }
  }

  #want(wanted: WantedNeighbour): void {
    const key = `${wanted.ifindex} ${wanted.address}`;
    if (this.#recent.has(key) || this.#fresh.length >= MOST) return;
    this.#recent.set(key, wanted);
    this.#fresh.push(wanted);
    this.#gathering ??= setTimeout(() => this.#ask(), GATHER);
  }

  #ask(): void {
    this.#gathering = undefined;
    const names = new Map([...this.#nics().values()].map(({ ifindex, name }) => [ifindex, name]));
    const asked = this.#fresh.flatMap(({ ifindex, address }) => {
      const device = names.get(ifindex);
      return device === undefined ? [] : [{ device, address }];
    });
    this.#fresh = [];
    useNeighbours(asked).catch((error: Error) =>
      this.#logger.warn({ error: error.message }, 'neighbours could not be asked for'),
    );
  }
}
