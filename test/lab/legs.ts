/**
 * Compares what every leg saw with a table: each frame belongs to a row, each row has frames, and what the engine
 * sends is what it received but for the fields the table says it changes.
 */
import { type CapturedFrame, frameLine, readable } from './capture.ts';
import { type Names, type Row, readTable } from './table.ts';

export interface LegOptions {
  /** Frames the table says nothing of. ARP, neighbour discovery and whatever has no ports is never looked at. */
  readonly ignore?: (frame: CapturedFrame) => boolean;
}

function matches(row: Row, { leg, way, fields }: CapturedFrame): boolean {
  const { ip } = fields;
  return (
    ip !== undefined &&
    leg === row.leg &&
    way === row.way &&
    ip.source === row.source &&
    ip.destination === row.destination &&
    (row.side === 's' ? ip.sourcePort : ip.destinationPort) === row.port &&
    fields.from === row.sourceMac &&
    fields.to === row.destinationMac &&
    fields.tags.map((tag) => tag.id).join() === row.tags.join()
  );
}

const hasPorts = ({ fields }: CapturedFrame): boolean => fields.ip?.sourcePort !== undefined;

/** From the IP header on, without padding. */
function packetOf({ bytes, fields }: CapturedFrame): Uint8Array {
  const at = 14 + 4 * (fields.tags.length + fields.labels.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset + at);
  const length = fields.ip?.version === 6 ? 40 + view.getUint16(4) : view.getUint16(2);
  return Uint8Array.from(bytes.subarray(at, at + length));
}

const EXTENSIONS = new Set([0, 43, 44, 60]);

function transportAt(packet: Uint8Array): { readonly at: number; readonly checksumAt: number } {
  let at = ((packet[0] ?? 0) & 0xf) * 4;
  let protocol = packet[9] ?? 0;
  if ((packet[0] ?? 0) >> 4 === 6) {
    protocol = packet[6] ?? 0;
    for (at = 40; EXTENSIONS.has(protocol); ) {
      const length = protocol === 44 ? 8 : ((packet[at + 1] ?? 0) + 1) * 8;
      protocol = packet[at] ?? 59;
      at += length;
    }
  }
  return { at, checksumAt: at + (protocol === 6 ? 16 : 6) };
}

/** A packet with 0 in every field that the table changes between two rows, and in the checksums then. */
function masked(frame: CapturedFrame, before: Row, after: Row): Uint8Array {
  const packet = packetOf(frame);
  const isIpv6 = frame.fields.ip?.version === 6;
  const transport = transportAt(packet);
  const size = isIpv6 ? 16 : 4;
  const source = isIpv6 ? 8 : 12;
  const changesAddress = before.source !== after.source || before.destination !== after.destination;
  const ranges: [boolean, number, number][] = [
    [before.source !== after.source, source, size],
    [before.destination !== after.destination, source + size, size],
    [before.port !== after.port, transport.at + (before.side === 's' ? 0 : 2), 2],
    [changesAddress && !isIpv6, 10, 2],
    [changesAddress || before.port !== after.port, transport.checksumAt, 2],
  ];
  for (const [changes, at, length] of ranges) {
    if (changes) {
      packet.fill(0, at, at + length);
    }
  }
  return packet;
}

/** Rows as the engine's hops: what comes in, and everything it sends for that. */
function hopsOf(rows: readonly Row[]): { readonly arrival: Row; readonly departures: Row[] }[] {
  const hops: { arrival: Row; departures: Row[] }[] = [];
  for (const row of rows) {
    if (row.way === 'in') {
      hops.push({ arrival: row, departures: [] });
    } else if (hops.length > 0) {
      hops.at(-1)?.departures.push(row);
    } else {
      throw new SyntaxError(`read table: nothing came in before ${row.text}`);
    }
  }
  return hops;
}

function hopProblems(
  arrival: Row,
  departure: Row,
  came: readonly CapturedFrame[],
  went: readonly CapturedFrame[],
): string[] {
  const problems: string[] = [];
  if (came.length !== went.length) {
    problems.push(
      `${came.length} frames came in by row ${arrival.number}, ${went.length} went out by row ${departure.number}`,
    );
  }
  came.slice(0, went.length).forEach((frame, place) => {
    const before = masked(frame, arrival, departure);
    const after = masked(went[place] ?? frame, arrival, departure);
    const at = before.findIndex((byte, index) => byte !== after[index]);
    if (at >= 0 || before.length !== after.length) {
      problems.push(
        `row ${departure.number} differs from row ${arrival.number} at byte ${at < 0 ? before.length : at} behind Ethernet (frame ${place + 1}):\n` +
          `  ${frameLine(frame)}\n  ${Buffer.from(before).toString('hex')}\n  ${Buffer.from(after).toString('hex')}`,
      );
    }
  });
  return problems;
}

/** Everything in which captures differ from a table; nothing when they agree. */
export function legProblems(
  frames: readonly CapturedFrame[],
  table: string,
  names: Names,
  options: LegOptions = {},
): readonly string[] {
  const rows = readTable(table, names);
  const found = new Map<Row, CapturedFrame[]>(rows.map((row) => [row, []]));
  const problems: string[] = [];
  for (const frame of frames.filter((each) => hasPorts(each) && !options.ignore?.(each))) {
    const row = rows.find((each) => matches(each, frame));
    if (row === undefined) {
      problems.push(`no row for ${frameLine(frame)}`);
    } else {
      found.get(row)?.push(frame);
    }
    if (!frame.fields.checksumsValid) {
      problems.push(`checksum of ${frameLine(frame)}`);
    }
  }
  for (const row of rows.filter((each) => !each.optional && found.get(each)?.length === 0)) {
    problems.push(`no frame for row ${row.text}`);
  }
  for (const { arrival, departures } of hopsOf(rows)) {
    for (const departure of departures) {
      problems.push(...hopProblems(arrival, departure, found.get(arrival) ?? [], found.get(departure) ?? []));
    }
  }
  return problems;
}

/** @throws Error listing every difference between captures and a table, and all frames. */
export function expectLegs(
  frames: readonly CapturedFrame[],
  table: string,
  names: Names,
  options: LegOptions = {},
): void {
  const problems = legProblems(frames, table, names, options);
  if (problems.length > 0) {
    const shown = problems.slice(0, 20).join('\n');
    throw new Error(
      `compare legs with the table: ${problems.length} differences\n${shown}\n\nall frames:\n${readable(frames)}`,
    );
  }
}
