/** Bytes of a frame, without its check sum. */
export const FRAME = 60;

export const macBytes = (mac: string): number[] => mac.split(':').map((byte) => Number.parseInt(byte, 16));

/** What the generator sends: 60-byte frames (64 with the check sum), numbered, each to one of `destinations`. */
export interface Stream {
  /** NIC the frames leave by: the outer end of the engine's. */
  readonly ifindex: number;
  readonly destinationMac: string;
  readonly sourceMac: string;
  readonly destination: string;
  readonly destinations?: number;
  readonly source: string;
  readonly sources?: number;
  readonly port: number;
  /** Default `udp`. TCP: in the middle of a connection nobody knows of. */
  readonly protocol?: 'udp' | 'tcp';
}

/** The frame all others are made from: addresses, check sum, source port and number are filled in by the program. */
export function frameTo({ destinationMac, sourceMac, port, protocol = 'udp' }: Stream): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(FRAME);
  const view = new DataView(bytes.buffer);
  bytes.set(macBytes(destinationMac), 0);
  bytes.set(macBytes(sourceMac), 6);
  view.setUint16(12, 0x0800);
  bytes[14] = 0x45;
  view.setUint16(16, FRAME - 14);
  bytes[22] = 64;
  bytes[23] = protocol === 'tcp' ? 6 : 17;
  view.setUint16(36, port);
  if (protocol === 'udp') view.setUint16(38, FRAME - 34);
  // TCP: 20 bytes of header, ACK.
  else bytes.set([0x50, 0x10], 46);
  bytes.set([0x48, 0x4f, 0x50, 0x31], 42);
  return bytes;
}
