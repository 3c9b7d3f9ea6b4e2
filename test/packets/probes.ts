/** Probes in the tables of packet tests: defined, sent so often, and what came back. */
import { ProbeState } from '../../src/dataplane/codec/layout.ts';
import { defineProbes } from '../../src/dataplane/probe/probe-definition.ts';
import type { ProbeImage } from '../../src/dataplane/probe/probe-image.ts';
import type { LoadedObject } from '../../src/libbpf/index.ts';
import { Limit } from '../../src/terms/constants.ts';

export const COOKIE = 0x12345678;
export const SOURCE = '192.0.0.8';
export const SOURCE6 = '100::8';

/** The 32 bytes of a mark, as docs/design/dataplane.md has them. */
export function markOf(
  id: number,
  sequence: number,
  { cookie = COOKIE, complement = ~sequence }: { readonly cookie?: number; readonly complement?: number } = {},
): Uint8Array {
  return new Uint8Array(Uint32Array.of(Limit.PROBE_MAGIC, cookie, id, sequence, complement, 0, 0, 0).buffer);
}

const rotate = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));
const times = Math.imul;

function hashWord(hash: number, word: number): number {
  const mixed = times(rotate(times(word, 0xcc9e2d51), 15), 0x1b873593);
  return (times(rotate(hash ^ mixed, 13), 5) + 0xe6546b64) | 0;
}

function mix(hash: number): number {
  let mixed = times(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = times(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

/** TCP sequence number of a handshake's round. */
export function sequenceOf(id: number, round: number): number {
  const first = mix(hashWord(hashWord(0x9747b28c, COOKIE), id));
  return (first + times(round, 0x9e3779b1)) >>> 0;
}

/** Puts probes into the maps of an object, each with so many rounds sent. */
export class ProbeBench {
  readonly #images: readonly ProbeImage[];
  readonly #sent: number;
  #object: LoadedObject | undefined;

  constructor(images: readonly ProbeImage[], sent: number) {
    this.#images = images;
    this.#sent = sent;
  }

  fill(object: LoadedObject): void {
    this.#object = object;
    const { images, given, sources } = defineProbes(this.#images, { v4: SOURCE, v6: SOURCE6 });
    const probes = new Uint32Array(object.map('probes').mmap());
    const states = new DataView(object.map('probe_states').mmap());
    for (const [id, { bytes }] of images) {
      probes.set(new Uint32Array(bytes.buffer), (id * bytes.length) / 4);
      probes[(id * bytes.length) / 4 + 10] = given.next.get(id) ?? 0;
      const state = { sentAt: 1n, sent: this.#sent, unsent: 0, answeredAt: 0n, answered: 0, refused: 0 };
      ProbeState.write(states, id * ProbeState.size, state);
    }
    for (const { key, id } of given.first.values()) {
      object.map('given_probes').update(key, new Uint8Array(Uint32Array.of(id).buffer));
    }
    const common = new Uint32Array(object.map('probing').mmap());
    common.set([sources[0]!, COOKIE, given.count, 0, ...sources.subarray(1)]);
  }

  answer(id: number): { answered: number; refused: boolean } {
    const states = new DataView(this.#object!.map('probe_states').mmap());
    const { answered, refused } = ProbeState.read(states, id * ProbeState.size);
    return { answered, refused: refused !== 0 };
  }
}
