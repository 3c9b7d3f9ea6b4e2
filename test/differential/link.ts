/** Ethernet and VLAN tags, as docs/design/dataplane.md, "Parse", has them. */
import { macText, word } from '../packets/bytes.ts';

export interface Link {
  readonly to: string;
  readonly from: string;
  readonly isGroup: boolean;
  /** Outer first, each with its priority bits. */
  readonly tags: readonly { readonly type: number; readonly control: number }[];
  /** Ids as the tables have them: 0 where there is no tag. */
  readonly vlans: readonly [number, number];
  readonly type: number;
  /** Where MPLS or IP begins. */
  readonly network: number;
}

/** A verdict in the stead of what was to be read: the name of a reason. */
export type Verdict = string;

const TAG_TYPES = [0x8100, 0x88a8];
const MAX_TAGS = 2;

/** Reads what stands before MPLS, IP or ARP. */
export function readLink(frame: Uint8Array): Link | Verdict {
  if (frame.length < 14 || isGroup(frame, 6)) {
    return 'DROP_MALFORMED';
  }
  const tags: { type: number; control: number }[] = [];
  let at = 12;
  while (TAG_TYPES.includes(word(frame, at))) {
    if (tags.length === MAX_TAGS) {
      return 'DROP_TOO_MANY_HEADERS';
    }
    if (at + 6 > frame.length) {
      return 'DROP_MALFORMED';
    }
    tags.push({ type: word(frame, at), control: word(frame, at + 2) });
    at += 4;
  }
  return {
    to: macText(frame.subarray(0, 6)),
    from: macText(frame.subarray(6, 12)),
    isGroup: isGroup(frame, 0),
    tags,
    vlans: [(tags[0]?.control ?? 0) & 0xfff, (tags[1]?.control ?? 0) & 0xfff],
    type: word(frame, at),
    network: at + 2,
  };
}

function isGroup(frame: Uint8Array, at: number): boolean {
  return ((frame[at] ?? 0) & 1) === 1;
}
