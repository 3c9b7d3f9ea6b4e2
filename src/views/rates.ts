import type { CountersView, HopCounter, Loss, Rate, RatedCounters, Traffic } from '../api-types/operations.ts';
import { type Count, more, plus } from '../terms/count.ts';

/**
 * What happened between two readings of the counters, a second. What is lost between two hops is what one handed on and the
 * next did not see; of the sums since the beginning only where the sequence was never another.
 */
export function withRates(before: CountersView, after: CountersView): RatedCounters {
  const seconds = Math.max((after.time - before.time) / 1000, 0.001);
  const rated = <Row extends Traffic>(rows: readonly Row[], old: readonly Row[], key: (row: Row) => string) => {
    const known = new Map(old.map((row) => [key(row), row]));
    return rows.map((row) => ({ ...row, ...rateOf(known.get(key(row)) ?? NOTHING, row, seconds) }));
  };
  const services = rated(after.services, before.services, hopKey);
  const verdicts = new Map(before.verdicts.map((row) => [`${row.interface} ${row.reason}`, row.packets]));
  return {
    time: after.time,
    seconds,
    services,
    losses: lossesOf(services),
    devices: rated(after.devices, before.devices, ({ leg }) => leg),
    verdicts: after.verdicts.map((row) => ({
      ...row,
      packetsPerSecond: perSecond(verdicts.get(`${row.interface} ${row.reason}`) ?? 0, row.packets, seconds),
    })),
  };
}

const NOTHING: Traffic = { packets: 0, bytes: 0 };

const hopKey = ({ service, hop, direction, from, to }: HopCounter): string =>
  JSON.stringify([service, hop, direction, from, to]);

function rateOf(before: Traffic, after: Traffic, seconds: number): Rate {
  return {
    packetsPerSecond: perSecond(before.packets, after.packets, seconds),
    bitsPerSecond: 8 * perSecond(before.bytes, after.bytes, seconds),
  };
}

/** Counters begin anew where everything was taken away meanwhile: then nothing is known, and nothing is negative. */
function perSecond(before: Count, after: Count, seconds: number): number {
  return Math.max(0, more(before, after)) / seconds;
}

/** Between each hop and the next; rows come in the order of the path. */
function lossesOf(rows: readonly (HopCounter & Rate)[]): readonly Loss[] {
  const losses: Loss[] = [];
  let last: Hop | undefined;
  for (const hop of hopsOf(rows)) {
    if (last !== undefined && last.service === hop.service && last.direction === hop.direction) {
      const { service, direction, to } = last;
      losses.push({
        service,
        direction,
        behind: last.hop,
        in: to,
        ...(!last.past && !hop.past && { packets: more(hop.packets, last.packets) }),
        packetsPerSecond: last.packetsPerSecond - hop.packetsPerSecond,
      });
    }
    last = hop;
  }
  return losses;
}

/** All rows of one hop together. */
interface Hop {
  readonly service: string;
  readonly direction: string;
  readonly hop: number;
  to: string;
  packets: Count;
  packetsPerSecond: number;
  /** Rows of a sequence before are among those of this service and direction. */
  past: boolean;
}

function hopsOf(rows: readonly (HopCounter & Rate)[]): readonly Hop[] {
  const wayOf = ({ service, direction }: HopCounter): string => JSON.stringify([service, direction]);
  const past = new Set(rows.filter(({ apart }) => apart === 'past').map(wayOf));
  const hops: Hop[] = [];
  for (const row of rows) {
    if (row.apart !== undefined) continue;
    const { service, direction, hop, to, packets, packetsPerSecond } = row;
    const last = hops.at(-1);
    if (last?.service === service && last.direction === direction && last.hop === hop) {
      last.packets = plus(last.packets, packets);
      last.packetsPerSecond += packetsPerSecond;
      if (!last.to.split(', ').includes(to)) last.to += `, ${to}`;
    } else hops.push({ service, direction, hop, to, packets, packetsPerSecond, past: past.has(wayOf(row)) });
  }
  return hops;
}
