import type { Inspector } from '../../dataplane/types.ts';
import type { ServiceChange } from '../../plan/change.ts';
import { kindOfName } from '../../plan/fabric.ts';
import { type Kind, Registry } from '../../plan/registry.ts';
import type { Fabric } from '../../plan/types.ts';
import { NameKind } from '../../terms/constants.ts';

const KINDS: readonly Kind[] = ['service', 'leg', 'pool', 'copyset', 'interface', 'rewrite'];
/** What has a row in the `names` table. */
const NAMED = new Map(Object.values(NameKind).map((kind) => [kindOfName(kind), kind]));

/** The numbers a running engine uses already, so that names keep theirs over restarts. */
export function restoreRegistry(engine: Pick<Inspector, 'names' | 'rewrites'> | undefined): Registry {
  const registry = new Registry();
  if (engine === undefined) return registry;
  for (const { kind, id, name } of engine.names()) {
    const known = kindOfName(kind);
    if (known !== undefined) registry.restore(known, id, name);
  }
  for (const { rewrite, address } of engine.rewrites()) registry.restore('rewrite', rewrite, address);
  return registry;
}

/** Numbers whose names went. */
export type Released = readonly (readonly [kind: Kind, id: number])[];

/** Releases every name that the fabric in force no longer has; see {@link reuse}. */
export function releaseGone(registry: Registry, fabric: Fabric): Released {
  const kept = new Map<Kind, Set<number>>(KINDS.map((kind) => [kind, new Set()]));
  for (const { kind, id } of fabric.names) kept.get(kindOfName(kind)!)!.add(id);
  for (const { rewrite } of fabric.rewrites) kept.get('rewrite')!.add(rewrite);
  return KINDS.flatMap((kind) => releaseOthers(registry, kind, kept.get(kind)!));
}

/** As {@link releaseGone}, where services are set or deleted and nothing else changes: all services are not gone through. */
export function releaseServices(registry: Registry, fabric: Fabric, changes: readonly ServiceChange[]): Released {
  const gone = changes.flatMap(({ before, after }) =>
    after === undefined && before !== undefined ? [before.name] : [],
  );
  const numbers = gone.flatMap((name) => registry.find('service', name) ?? []);
  for (const name of gone) registry.release('service', name);
  return [
    ...numbers.map((number) => ['service', number] as const),
    ...releaseOthers(registry, 'rewrite', new Set(fabric.rewrites.map(({ rewrite }) => rewrite))),
    ...releaseOthers(registry, 'pool', new Set(fabric.pools.map(({ pool }) => pool))),
    ...releaseOthers(registry, 'copyset', new Set(fabric.copysets.map(({ copyset }) => copyset))),
  ];
}

function releaseOthers(registry: Registry, kind: Kind, kept: ReadonlySet<number>): Released {
  const names = registry.names(kind);
  if (names.size === kept.size) return [];
  const gone = [...names].filter(([, id]) => !kept.has(id));
  for (const [name] of gone) registry.release(kind, name);
  return gone.map(([, id]) => [kind, id]);
}

/**
 * Gives released numbers out again, to be called when the engine has settled: until then packets count and are
 * rewritten under them. Returns those that counts of services still refer to: to be tried again when more went.
 */
export function reuse(registry: Registry, engine: Pick<Inspector, 'isNamed'>, released: Released): Released {
  return released.filter(([kind, id]) => {
    const name = registry.name(kind, id);
    const isBack = name !== undefined && registry.find(kind, name) === id;
    const isNamed = NAMED.has(kind) && engine.isNamed(NAMED.get(kind)!, id);
    if (!isBack && !isNamed) registry.reuse(kind, id);
    return !isBack && isNamed;
  });
}
