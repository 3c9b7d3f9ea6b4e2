/** Whom a probe asks. */
export interface ProbeTarget {
  /** IPv4 or IPv6 address; names are resolved by nobody here. */
  readonly address: string;
  /** The protocol's own when left out. */
  readonly port?: number;
  /** Source address, one of this machine's. */
  readonly from?: string;
  /** NIC that ICMP, ARP and ND go out of, and the scope of a link-local IPv6 address. Others follow the routes. */
  readonly interface?: string;
  /** A probe has its result after this many milliseconds, whatever the target does. */
  readonly timeoutMs: number;
  /** Gives up before the time limit. */
  readonly signal?: AbortSignal;
}

export interface ProbeResult {
  readonly ok: boolean;
  /** From the first packet to the last that the verdict needed. */
  readonly milliseconds: number;
  /** In words: what answered, or what went wrong and when. */
  readonly detail: string;
  /**
   * Only where the time limit decided: how late it struck, in ms. Much of it means that this process was held up, and
   * the target may have answered in time: no reason to call it dead.
   */
  readonly lateMs?: number;
}

/** Asks once. Never rejects because of the target; leaves no socket, process or timer behind. */
export type Probe<Expectation> = (target: ProbeTarget, expectation: Expectation) => Promise<ProbeResult>;
