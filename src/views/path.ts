import type { HopCounter } from '../api-types/operations.ts';
import type { Model, Service } from '../model/types.ts';
import { targetsOf } from './describe.ts';

/** Directions in the order they are shown; packets of these two go from high hops to low ones: hop 0 is at the client's end. */
const ORDER = ['forward', 'return', 'outward', 'inward'];
const BACKWARD: ReadonlySet<string> = new Set(['return', 'inward']);

/** Rows in the order of the definitions, and within a service in the order in which its packets pass. */
export function inPathOrder(rows: readonly HopCounter[], { services }: Pick<Model, 'services'>): HopCounter[] {
  const places = new Map([...services.keys()].map((name, place) => [name, place]));
  const placeOf = ({ service }: HopCounter): number => places.get(service) ?? places.size;
  return [...rows].sort(
    (a, b) =>
      placeOf(a) - placeOf(b) ||
      (a.service < b.service ? -1 : a.service > b.service ? 1 : 0) ||
      ORDER.indexOf(a.direction) - ORDER.indexOf(b.direction) ||
      (BACKWARD.has(a.direction) ? b.hop - a.hop : a.hop - b.hop) ||
      (a.from < b.from ? -1 : a.from > b.from ? 1 : 0),
  );
}

/** Marks rows that are none of the way packets go now: those of a sequence before, and what taps answer. */
export function markApart(rows: readonly HopCounter[], model: Model): HopCounter[] {
  const paths = new Map<string, ReadonlySet<string>>();
  const pathOf = (name: string): ReadonlySet<string> => {
    const known = paths.get(name);
    if (known !== undefined) return known;
    const service = model.services.get(name);
    const path = service === undefined ? new Set<string>() : partsOf(service, model);
    paths.set(name, path);
    return path;
  };
  return rows.map((row) => {
    const path = pathOf(row.service);
    if (!path.has(ownerOf(row.from)) || !path.has(ownerOf(row.to))) return { ...row, apart: 'past' };
    return model.devices.get(ownerOf(row.from))?.kind === 'tap' ? { ...row, apart: 'copy' } : row;
  });
}

/** Names of everything that packets of a service may come from or go to. */
function partsOf(service: Service, { pools, interfaces }: Model): ReadonlySet<string> {
  const targets = [...targetsOf(service)];
  const members = targets.flatMap((target) => pools.get(target)?.members ?? []);
  const exit = service.exit === undefined || service.exit.kind === 'route' ? [] : [service.exit.name];
  const parties = [...service.from.map(({ name }) => name), ...exit];
  return new Set([...targets, ...members, ...parties, ...interfaces.keys(), 'route']);
}

/** "fw1" of the leg "fw1.outside", "webs" of the pool word "webs tcp/80". */
function ownerOf(name: string): string {
  const [owner] = name.split(' ');
  const dot = owner!.lastIndexOf('.');
  return dot < 0 ? owner! : owner!.slice(0, dot);
}
