import { BpfError, xdpFeatures } from '../../libbpf/index.ts';

/** A NIC is asked again after so many ms, some sooner, some later: not all at once. */
const AGAIN = 5000;
const SPREAD = 0.618_033_988_75;

/**
 * Which NICs take live frames of XDP, as packets that are redirected: drivers switch that on and off (a veth has it
 * while its peer runs NAPI). Where a NIC is in generic mode none does: packets then go another way than they would.
 */
export class LiveNics {
  readonly #isNative: () => boolean;
  readonly #known = new Map<number, { readonly takes: boolean; readonly until: number }>();
  #native: boolean | undefined;

  /** @param isNative whether every NIC runs the program in its driver. */
  constructor(isNative: () => boolean) {
    this.#isNative = isNative;
  }

  /** Some were attached or detached. */
  forget(): void {
    this.#native = undefined;
    this.#known.clear();
  }

  /** @param now milliseconds, of any clock. */
  takes(ifindex: number, now: number): boolean {
    this.#native ??= this.#isNative();
    if (!this.#native) return false;
    const known = this.#known.get(ifindex);
    if (known !== undefined && now < known.until) return known.takes;
    const takes = isTarget(ifindex);
    this.#known.set(ifindex, { takes, until: now + AGAIN * (0.5 + ((ifindex * SPREAD) % 1)) });
    return takes;
  }
}

function isTarget(ifindex: number): boolean {
  try {
    return xdpFeatures(ifindex)?.has('transmit') ?? false;
  } catch (error) {
    // Gone, or in another network namespace by now.
    if (error instanceof BpfError && error.code === 'ENODEV') return false;
    throw error;
  }
}
