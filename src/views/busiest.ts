import type { HopCounter, Loss, Rate, RatedCounters } from '../api-types/operations.ts';

/** A service at its client's end: what came for it, what went back, and what its devices lost, a second. */
export interface BusyService {
  readonly service: string;
  readonly there: Rate;
  readonly back: Rate;
  readonly lostPerSecond: number;
}

/** What the engine does now, the busiest first. */
export interface Busiest {
  readonly time: string;
  /** Over all services. */
  readonly total: Rate;
  readonly droppedPerSecond: number;
  readonly services: readonly BusyService[];
  readonly devices: readonly ({ readonly leg: string } & Rate)[];
  readonly drops: readonly {
    readonly interface: string;
    readonly reason: string;
    readonly packetsPerSecond: number;
  }[];
}

const BACK: ReadonlySet<string> = new Set(['return', 'inward']);

/** @param counters with their rates */
export function busiest({ time, services, losses, devices, verdicts }: RatedCounters): Busiest {
  const ends = Map.groupBy(
    services.filter(({ hop }) => hop === 0),
    ({ service }) => service,
  );
  const lost = Map.groupBy(losses, ({ service }) => service);
  const busy = [...ends].map(([service, rows]) => viewService(service, rows, lost.get(service) ?? []));
  const drops = verdicts.filter(({ reason, packetsPerSecond }) => reason.startsWith('DROP_') && packetsPerSecond > 0);
  return {
    time: new Date(time).toISOString(),
    total: addUp(busy.flatMap(({ there, back }) => [there, back])),
    droppedPerSecond: drops.reduce((sum, { packetsPerSecond }) => sum + packetsPerSecond, 0),
    services: busy.filter(({ there, back }) => there.packetsPerSecond + back.packetsPerSecond > 0).sort(byTraffic),
    devices: devices
      .filter(({ packetsPerSecond }) => packetsPerSecond > 0)
      .map(({ leg, packetsPerSecond, bitsPerSecond }) => ({ leg, packetsPerSecond, bitsPerSecond }))
      .sort((a, b) => b.bitsPerSecond - a.bitsPerSecond),
    drops: drops
      .map(({ interface: segment, reason, packetsPerSecond }) => ({ interface: segment, reason, packetsPerSecond }))
      .sort((a, b) => b.packetsPerSecond - a.packetsPerSecond),
  };
}

function viewService(service: string, rows: readonly (HopCounter & Rate)[], losses: readonly Loss[]): BusyService {
  return {
    service,
    there: addUp(rows.filter(({ direction }) => !BACK.has(direction))),
    back: addUp(rows.filter(({ direction }) => BACK.has(direction))),
    lostPerSecond: losses.reduce((sum, { packetsPerSecond }) => sum + Math.max(0, packetsPerSecond), 0),
  };
}

function addUp(rates: readonly Rate[]): Rate {
  return {
    packetsPerSecond: rates.reduce((sum, { packetsPerSecond }) => sum + packetsPerSecond, 0),
    bitsPerSecond: rates.reduce((sum, { bitsPerSecond }) => sum + bitsPerSecond, 0),
  };
}

const bitsOf = ({ there, back }: BusyService): number => there.bitsPerSecond + back.bitsPerSecond;

const byTraffic = (a: BusyService, b: BusyService): number => bitsOf(b) - bitsOf(a);
