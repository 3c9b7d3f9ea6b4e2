/** Classic capture files (pcap, not pcapng), as tcpdump and every broker's export write them. */

const MICROSECONDS = 0xa1b2c3d4;
const NANOSECONDS = 0xa1b23c4d;
const NEXT_GENERATION = 0x0a0d0d0a;
const ETHERNET = 1;
const FILE_HEADER = 24;
const RECORD_HEADER = 16;
/** Longest and shortest frame that can be sent, Ethernet header included. */
const LONGEST = 1518;
const SHORTEST = 14;

/**
 * The frames of a capture file, in order; both byte orders, with micro- or nanoseconds.
 * @throws SyntaxError with what is wrong and what to do about it.
 */
export function readPcap(file: Uint8Array): readonly Uint8Array[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const little = byteOrder(view);
  // The upper bits tell of checksums at the end of frames, and of how long they are.
  const link = view.getUint32(20, little);
  if ((link & 0xffff) !== ETHERNET) {
    throw new SyntaxError(`read pcap: link type ${link & 0xffff} (capture on an Ethernet NIC, not on "any")`);
  }
  const tail = (link & 0x04000000) === 0 ? 0 : 2 * (link >>> 28);
  const frames: Uint8Array[] = [];
  for (let at = FILE_HEADER; at < file.length; ) {
    const which = `frame ${frames.length + 1}`;
    if (at + RECORD_HEADER > file.length) throw new SyntaxError(`read pcap: ${which} is cut off (capture it again)`);
    const captured = view.getUint32(at + 8, little);
    const original = view.getUint32(at + 12, little);
    const begin = at + RECORD_HEADER;
    if (captured > file.length - begin) throw new SyntaxError(`read pcap: ${which} is cut off (capture it again)`);
    if (captured < original) {
      const cause = `${captured} of ${original} bytes were captured`;
      throw new SyntaxError(`read pcap: ${which}: ${cause} (capture with a snapshot length of ${LONGEST} or more)`);
    }
    const length = captured - tail;
    if (length < SHORTEST) throw new SyntaxError(`read pcap: ${which} has ${length} bytes, too few for Ethernet`);
    if (length > LONGEST) throw new SyntaxError(`read pcap: ${which} has ${length} bytes (at most ${LONGEST})`);
    frames.push(file.slice(begin, begin + length));
    at = begin + captured;
  }
  if (frames.length === 0) throw new SyntaxError('read pcap: no frame in it (capture at least one)');
  return frames;
}

/** Whether the file is written little end first. */
function byteOrder(view: DataView): boolean {
  if (view.byteLength >= FILE_HEADER) {
    for (const little of [true, false]) {
      const magic = view.getUint32(0, little);
      if (magic === MICROSECONDS || magic === NANOSECONDS) return little;
    }
    if (view.getUint32(0) === NEXT_GENERATION) {
      throw new SyntaxError('read pcap: it is a pcapng file (convert it: editcap -F pcap IN OUT)');
    }
  }
  throw new SyntaxError('read pcap: not a capture file (write one: tcpdump -w FILE)');
}
