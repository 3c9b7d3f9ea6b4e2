import type { Logger } from '../dataplane/types.ts';
import { NetworkMonitor } from '../net/monitor.ts';

/** The part of the controller that is told. */
export interface Followed {
  /** Reads the network again and brings the tables in line; true when something changed. */
  reconcile(): Promise<boolean>;
  /** Asks neighbours whether they are still there. */
  probe(): Promise<void>;
}

/** How often neighbours are asked, in ms. */
const PROBE_INTERVAL = 5000;

/**
 * Keeps the tables in line with the network: a neighbour that got another MAC, a NIC that went or came back. One
 * reconciliation at a time; what happens meanwhile causes one more.
 */
export class NetworkFollower {
  readonly #followed: Followed;
  readonly #logger: Logger;
  readonly #monitor: NetworkMonitor;
  #timer: NodeJS.Timeout | undefined;
  #running = false;
  #again = false;

  constructor(followed: Followed, logger: Logger) {
    this.#followed = followed;
    this.#logger = logger;
    this.#monitor = new NetworkMonitor(() => void this.#changed());
  }

  start(): void {
    this.#monitor.start();
    this.#timer = setInterval(() => {
      this.#followed
        .probe()
        .catch((error: Error) => this.#logger.warn({ error: error.message }, 'neighbours could not be asked'));
    }, PROBE_INTERVAL);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#monitor.stop();
  }

  async #changed(): Promise<void> {
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#running = true;
    try {
      do {
        this.#again = false;
        if (await this.#followed.reconcile()) this.#logger.info({}, 'tables follow the network');
      } while (this.#again);
    } catch (error) {
      this.#logger.warn(
        { error: (error as Error).message },
        'tables could not follow the network; the next change tries again',
      );
    } finally {
      this.#running = false;
    }
  }
}
