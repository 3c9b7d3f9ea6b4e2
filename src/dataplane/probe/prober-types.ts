/** What the prober is told to send, and what it saw: docs/design/watching.md. */

/** A frame that is sent, and waited for, again and again. */
export interface ProbeFrame {
  /** Place in `probes`, from 1; the same as long as the probe is. A handshake's is also the source port of its SYN less PROBE_PORT_BASE. */
  readonly id: number;
  readonly kind: 'marked' | 'handshake' | 'frame';
  /** As it leaves, Ethernet and tags included, all checksums right (marked: with sequence number 0, see `mark`). At most 1518 bytes. */
  readonly bytes: Uint8Array;
  /** Kernel's number of the NIC it leaves by. */
  readonly ifindex: number;
  /** Number of the leg it must come back from; of a handshake, the leg of whoever answers. */
  readonly arrivesFrom: number;
  /** Where the mark begins (marked), or the TCP header (handshake); 0 for a frame of somebody's. */
  readonly offset: number;
}

/** What is known of the last round of a probe. Times are nanoseconds of CLOCK_MONOTONIC, as `process.hrtime.bigint()`; in a number they are exact to 1 us for 100 days. */
export interface ProbeAnswer {
  /** Sequence number that was sent last. */
  readonly sent: number;
  readonly sentAt: number;
  /** Sequence number that was answered last; equal to `sent` when the last round is answered. */
  readonly answered: number;
  readonly answeredAt: number;
  /** A handshake was refused (RST) in round `answered`. */
  readonly refused: boolean;
}

/** Frames of services (not of probes) by leg since the tables were made; both wrap at 2^32, differences are right. */
export interface LegFrames {
  readonly sent: number;
  readonly received: number;
}

/** SYNs of one connection in a row with nothing else of it seen. */
export interface SynAlarm {
  /** Leg they are sent to. */
  readonly leg: number;
  readonly slot: number;
  /** 3, 4, 5… */
  readonly repeated: number;
}

/** Sends probes and tells of answers. Part of a {@link Writer}. */
export interface Prober {
  /** Identity of this engine in marks, not secret: made when its tables were. */
  readonly cookie: number;
  /**
   * Makes these the probes; one whose id, bytes and the rest are the same keeps its state. While others are being sent or
   * tables grow it takes effect when that is over; what is sent before is what was defined before, new numbers are skipped.
   * @param sources where handshakes come from; while there are any, packets to them are never anybody else's.
   * @throws CapacityError where a limit forbids it, RangeError; nothing is changed then.
   */
  define(frames: readonly ProbeFrame[], sources: { readonly v4: string; readonly v6: string }): void;
  /** Why what was defined last is not in force and will not be; undefined: it is, or will be soon. */
  readonly shortage: string | undefined;
  /** Sends each of these once, with the next sequence number of each. Resolves when all have left; one call at a time. @throws BpfError */
  send(ids: Uint32Array): Promise<void>;
  /** What became of a probe, in an object that the next call fills anew. */
  answer(id: number): ProbeAnswer;
  /** Frames that could not be handed to their NIC (gone, down) since the start, of one probe. */
  unsent(id: number): number;
  legFrames(leg: number): LegFrames;
  /** Calls back on the event loop, soon after the packet. */
  onAlarm(heard: (alarm: SynAlarm) => void): void;
}
