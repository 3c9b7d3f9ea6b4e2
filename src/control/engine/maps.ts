import { Failure, Missing } from '../../api-types/failure.ts';
import type { MapSummary, Operations } from '../../api-types/operations.ts';
import type { DecodedEntry } from '../../dataplane/types.ts';
import { parseJson } from '../../terms/json.ts';
import type { EngineAccess } from './access.ts';

type MapOperations = Pick<Operations, 'listMaps' | 'dumpMap' | 'getEntry' | 'setEntry' | 'deleteEntry'>;

/** The tables as `hopline map` shows and repairs them. */
export function mapOperations(access: EngineAccess): MapOperations {
  const reader = () => {
    const engine = access.reader();
    if (engine === undefined)
      throw new Failure('failed', 'read tables: nothing is loaded (hopline apply FILE, or hopline attach NIC)');
    return engine;
  };
  const entryOf = (name: string, key: string): DecodedEntry => {
    const table = known(name);
    const wanted = parse('key', key) as DecodedEntry['key'];
    const entry = asked(name, () => reader().get(table, wanted));
    if (entry === undefined) throw new Missing(`get ${name} ${key}: there is no such entry (hopline map dump ${name})`);
    return entry;
  };
  const known = (name: string): string => {
    const names = reader()
      .tables()
      .map((table) => table.name);
    if (names.includes(name)) return name;
    throw new Missing(`map ${name}: there is none of this name (${names.join(', ')})`);
  };
  return {
    listMaps: async () =>
      reader()
        .tables()
        .map((table): MapSummary => ({ ...table })),
    dumpMap: async (name) => reader().dump(known(name)),
    getEntry: async (name, key) => entryOf(name, key),
    async setEntry(name, key, value) {
      const engine = await access.writer();
      const table = known(name);
      const entry = { key: parse('key', key), value: parse('value', value) } as DecodedEntry;
      asked(name, () => engine.set(table, entry.key, entry.value));
      return entryOf(name, key);
    },
    async deleteEntry(name, key) {
      const engine = await access.writer();
      const table = known(name);
      const wanted = parse('key', key) as DecodedEntry['key'];
      if (!asked(name, () => engine.delete(table, wanted))) {
        throw new Missing(`delete ${name} ${key}: there is no such entry (hopline map dump ${name})`);
      }
    },
  };
}

/** Errors of the tables that are about the entry itself. */
const REFUSALS: readonly unknown[] = ['E2BIG', 'EINVAL', 'EEXIST', 'ENOENT'];

/** What is wrong with a key or a value given by hand is the caller's mistake. */
function asked<Result>(name: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    const isRefusal = error instanceof RangeError || REFUSALS.includes((error as NodeJS.ErrnoException).code);
    if (!isRefusal) throw error;
    const message = `${(error as Error).message} (hopline map dump ${name} shows how entries are written)`;
    throw new Failure('refused', message, [], { cause: error });
  }
}

function parse(what: string, text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    throw new Failure(
      'refused',
      `read ${what} ${text}: it is no JSON (take it from hopline map dump, in quotes: '{"a": 1}')`,
    );
  }
}
