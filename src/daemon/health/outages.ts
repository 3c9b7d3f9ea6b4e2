import { usageOf } from '../../health/derive/added-up.ts';
import { passagesOf } from '../../model/applications.ts';
import type { Model, Service } from '../../model/types.ts';
import type { WordBook } from '../../plan/words.ts';
import type { Degraded } from '../operations.ts';
import type { WordView } from './operations.ts';

/** Adds what devices' health does to services: those whose packets find nobody who works. Cheap while all pools work. */
export function withOutages(
  degraded: readonly Degraded[],
  model: Model,
  words: ReadonlyMap<string, WordView>,
): readonly Degraded[] {
  const broken = new Map([...words].filter(([, { works }]) => !works));
  if (broken.size === 0) return degraded;
  const { book } = usageOf(model);
  const known = new Map(degraded.map((each) => [each.service, each]));
  for (const service of model.services.values()) {
    const hit = namesOf(service, book).flatMap((name) => broken.get(name) ?? []);
    if (hit.length === 0) continue;
    const before = known.get(service.name);
    const isLost = hit.some((word) => !isPassed(word, words));
    known.set(service.name, {
      service: service.name,
      state: isLost ? 'unavailable' : 'degraded',
      reasons: [...new Set([...hit.map(sentence), ...(before?.reasons ?? [])])],
    });
  }
  return [...known.values()];
}

/** Every such reason once, for status. */
export function outageProblems(words: ReadonlyMap<string, WordView>): readonly string[] {
  return [...words.values()].filter(({ works }) => !works).map(sentence);
}

/** Names under which the machine knows the pools and devices of a service. */
function namesOf(service: Service, book: WordBook): readonly string[] {
  const names = new Set<string>();
  for (const address of service.addresses) {
    const { out, back } = book.of(service, address);
    for (const word of [...out, ...back]) if (word !== undefined) names.add(word.name);
    for (const passage of passagesOf(service, address)) {
      const { target } = passage.step;
      if (book.hasWord(passage.step)) continue;
      const application = book.judgedApplication(passage);
      names.add(target);
      if (application !== undefined) names.add(`${target} ${application}`);
    }
  }
  return [...names];
}

/** Whether packets go round it: past its devices, or through another pool that works. */
function isPassed({ target }: WordView, words: ReadonlyMap<string, WordView>): boolean {
  if (target === 'bypass') return true;
  const next = target.startsWith('pool ') ? words.get(target.slice('pool '.length)) : undefined;
  return next !== undefined && (next.works || isPassed(next, words));
}

function sentence({ name, target, reason }: WordView): string {
  const way = target === 'bypass' || target === 'drop' || target.startsWith('pool ') ? ` (packets: ${target})` : '';
  return `${name}: ${reason}${way}`;
}
