import { type ChildProcess, spawn } from 'node:child_process';

/** Changes come in bursts (a NIC that goes up, ten addresses); one reading serves all that arrive within this time, in ms. */
const SETTLE = 20;
/** Read anyway after this long, in ms: a lost netlink message must not be lost for ever. */
const AT_LEAST = 10_000;
const RESTART = 1_000;

/**
 * Calls `changed` after links, addresses or neighbours of this network namespace changed. What `ip monitor` prints
 * only says *that* something did: whoever is called reads the whole state again, so nothing can be misread or missed.
 */
export class NetworkMonitor {
  readonly #changed: () => void;
  #child: ChildProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  start(): void {
    this.#heartbeat = setInterval(() => this.#soon(), AT_LEAST);
    this.#spawn();
    this.#soon();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearInterval(this.#heartbeat);
    this.#child?.kill();
  }

  #spawn(): void {
    const child = spawn('ip', ['monitor', 'link', 'address', 'neigh'], { stdio: ['ignore', 'pipe', 'ignore'] });
    this.#child = child;
    child.stdout.on('data', () => this.#soon());
    child.on('error', () => this.#again());
    child.on('exit', () => this.#again());
  }

  /** It ended (killed, or its socket overflowed): start another and read what happened meanwhile. */
  #again(): void {
    if (this.#stopped) return;
    setTimeout(() => {
      if (this.#stopped) return;
      this.#spawn();
      this.#soon();
    }, RESTART).unref();
  }

  #soon(): void {
    if (this.#stopped || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (!this.#stopped) this.#changed();
    }, SETTLE);
  }
}
