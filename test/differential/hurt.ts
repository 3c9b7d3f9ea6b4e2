/** Frames that are wrong on purpose. */
import { concat, words } from '../packets/bytes.ts';
import type { Random } from './random.ts';

/** Something about the frame is not as any standard wants it; still an Ethernet header at least. */
export function hurt(random: Random, frame: Uint8Array): Uint8Array {
  const at = random.between(12, Math.min(frame.length - 1, 100));
  switch (random.between(0, 6)) {
    case 0:
      return frame.slice(0, random.between(14, frame.length));
    case 1:
      return withByte(frame, at, random.next() & 0xff);
    case 2:
      return withByte(frame, at, (frame[at] ?? 0) ^ (1 << random.between(0, 7)));
    case 3:
      return withByte(
        frame,
        Math.min(14 + random.between(0, 7), frame.length - 1),
        random.pick([0, 1, 0x44, 0x46, 0x4f, 0x60, 0xff]),
      );
    case 4:
      return nest(frame, random);
    case 5:
      return concat(frame, random.bytes(random.between(1, 20)));
    default:
      return withByte(
        withByte(frame, at, random.next() & 0xff),
        random.between(12, frame.length - 1),
        random.next() & 0xff,
      );
  }
}

function withByte(frame: Uint8Array, at: number, value: number): Uint8Array {
  const copy = Uint8Array.from(frame);
  copy[at] = value;
  return copy;
}

/** More tags in front of what is there. */
function nest(frame: Uint8Array, random: Random): Uint8Array {
  const tags = Array.from({ length: random.between(1, 3) }, () =>
    words(random.pick([0x8100, 0x88a8, 0x9100]), random.between(0, 4095)),
  );
  return concat(frame.slice(0, 12), ...tags, frame.slice(12));
}

/** The frame cut off behind every byte from the Ethernet header on. */
export function truncations(frame: Uint8Array): Uint8Array[] {
  return Array.from({ length: frame.length - 14 }, (_, cut) => frame.slice(0, 14 + cut));
}
