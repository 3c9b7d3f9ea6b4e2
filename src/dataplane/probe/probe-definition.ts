import { Limit, ProbeKind } from '../../terms/constants.ts';
import { addressBytes, words32 } from '../codec/bytes.ts';
import { encode } from '../codec/codec.ts';
import { PROBE } from '../codec/field-words.ts';
import { GivenKey } from '../codec/layout.ts';
import type { ProbeImage } from './probe-image.ts';

/** All probes together, as the tables are to hold them. */
export interface Definition {
  readonly images: ReadonlyMap<number, ProbeImage>;
  readonly highest: number;
  readonly given: Given;
  /** The IPv4 source in one word, the IPv6 one in four; zeros while there are no handshakes. */
  readonly sources: Uint32Array;
}

/** Somebody's own frames by what they are looked for (`first`, by the key in hex), those alike in a row. */
interface Given {
  readonly first: ReadonlyMap<string, { readonly key: Uint8Array; readonly id: number }>;
  readonly next: ReadonlyMap<number, number>;
  readonly count: number;
}

/** @throws RangeError where they cannot be told apart, or are too many. */
export function defineProbes(
  list: readonly ProbeImage[],
  sources: { readonly v4: string; readonly v6: string },
): Definition {
  const images = new Map(list.map((image) => [image.id, image]));
  if (images.size < list.length) throw new RangeError('define probes: two have one number');
  const isHandshaking = list.some(({ bytes }) => bytes[4 * PROBE.KIND] === ProbeKind.PROBE_HANDSHAKE);
  const words = [words32(addressBytes(sources.v4))[3]!, ...words32(addressBytes(sources.v6))];
  return {
    images,
    highest: list.reduce((highest, { id }) => Math.max(highest, id), 0),
    given: linkGiven(list),
    sources: Uint32Array.from(words, (word) => (isHandshaking ? word : 0)),
  };
}

function linkGiven(images: readonly ProbeImage[]): Given {
  const first = new Map<string, { readonly key: Uint8Array; readonly id: number }>();
  const next = new Map<number, number>();
  const alike = new Map<string, number>();
  let count = 0;
  for (const { id, given } of images) {
    if (!given) continue;
    count++;
    const key = encode(GivenKey, given);
    const text = Buffer.from(key).toString('hex');
    const before = first.get(text);
    if (before) next.set(id, before.id);
    first.set(text, { key, id });
    alike.set(text, (alike.get(text) ?? 0) + 1);
    if (alike.get(text)! > Limit.MAX_ALIKE_PROBES) {
      throw new RangeError(
        `define probe ${id}: ${Limit.MAX_ALIKE_PROBES} frames of one length from one leg are the most (make one longer)`,
      );
    }
  }
  if (count > Limit.MAX_GIVEN_PROBES) {
    throw new RangeError(
      `define probes: ${Limit.MAX_GIVEN_PROBES} frames of somebody's own are the most, not ${count}`,
    );
  }
  return { first, next, count };
}
