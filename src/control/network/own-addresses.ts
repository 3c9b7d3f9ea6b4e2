import type { Model } from '../../model/types.ts';
import type { NicState } from '../../plan/network.ts';

/** An address of the engine's that was there, and is not any more. */
export interface LostAddress {
  readonly interface: string;
  readonly nic: string;
  /** With prefix length. */
  readonly address: string;
}

type Nics = ReadonlyMap<string, NicState>;

/**
 * The engine's own addresses on the NICs of the definitions. Devices have them as their gateway, and answer probes that come from
 * them: one that is gone cuts them off. The kernel takes IPv6 addresses away when a NIC goes down, and does not give them back.
 */
export class OwnAddresses {
  #seen = new Map<string, Set<string>>();
  #lost: readonly LostAddress[] = [];

  get lost(): readonly LostAddress[] {
    return this.#lost;
  }

  /** Definitions were brought into force: from now on what there is now is what there has to be. */
  begin(model: Model, nics: Nics): void {
    this.#seen = new Map();
    this.#lost = [];
    this.look(model, nics);
  }

  /** @returns those that went since the last look, and those that came back. */
  look(model: Model, nics: Nics): { readonly gone: readonly LostAddress[]; readonly back: readonly LostAddress[] } {
    const lost: LostAddress[] = [];
    for (const { name, nic } of byNic(model)) {
      const there = new Set(addressesOf(nics.get(nic)));
      const seen = this.#seen.get(nic) ?? new Set();
      for (const address of there) seen.add(address);
      this.#seen.set(nic, seen);
      // A NIC that is not there is told for itself.
      if (!nics.has(nic)) continue;
      for (const address of seen) if (!there.has(address)) lost.push({ interface: name, nic, address });
    }
    const before = new Map(this.#lost.map((each) => [keyOf(each), each]));
    const now = new Set(lost.map(keyOf));
    this.#lost = lost;
    return {
      gone: lost.filter((each) => !before.has(keyOf(each))),
      back: [...before.values()].filter((each) => !now.has(keyOf(each))),
    };
  }
}

/** What it means, and what to do. */
export function lostSentence({ nic, address }: LostAddress): string {
  return `the engine's address ${address} is gone from ${nic}: devices there that send to it, or answer its probes, are cut off (ip address add ${address} dev ${nic})`;
}

/** One interface of each NIC. */
function byNic({ interfaces }: Model): Iterable<{ readonly name: string; readonly nic: string }> {
  return new Map([...interfaces.values()].reverse().map((each) => [each.nic, each])).values();
}

function addressesOf(nic: NicState | undefined): readonly string[] {
  return (nic?.addresses ?? []).flatMap(({ address, prefix, scope, temporary }) =>
    scope === 'global' && temporary !== true ? [`${address}/${prefix}`] : [],
  );
}

const keyOf = ({ nic, address }: LostAddress): string => `${nic} ${address}`;
