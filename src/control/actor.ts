import { AsyncLocalStorage } from 'node:async_hooks';
import { readFileSync } from 'node:fs';
import { Failure } from '../api-types/failure.ts';

const actors = new AsyncLocalStorage<string>();

/** Does the work on behalf of somebody: the history names who changed something. */
export function onBehalfOf<Result>(who: string, work: () => Result): Result {
  return actors.run(who, work);
}

/** On whose behalf something is done now; the controller's own, where nobody asked for it. */
export function currentActor(): string {
  return actors.getStore() ?? 'controller';
}

/** A user as people know it; whoever became root by sudo (`sudo`: as the client says) is named, too. */
export function userName(uid: number, sudo?: string): string {
  const name = names().get(uid) ?? `uid ${uid}`;
  return uid === 0 && sudo !== undefined && /^[\w.@-]{1,64}$/.test(sudo) && sudo !== name ? `${name} (${sudo})` : name;
}

function names(): ReadonlyMap<number, string> {
  try {
    const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
    return new Map(lines.map((line) => line.split(':')).map(([name, , uid]) => [Number(uid), name ?? '']));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw new Failure('failed', `read /etc/passwd: ${(error as Error).message}`, [], { cause: error });
  }
}
