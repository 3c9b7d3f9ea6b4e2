import type { Degraded } from '../../api-types/change-report.ts';
import type { WordView } from '../../api-types/health-operations.ts';
import { usageOf } from '../../health/derive/added-up.ts';
import { passagesOf } from '../../model/applications.ts';
import type { Model, Service } from '../../model/types.ts';
import type { WordBook } from '../../plan/words.ts';
import type { Look } from '../../views/health-snapshot.ts';

/** Adds what devices' health does to services: those whose packets find nobody who works. Cheap while all pools work. */
export function withOutages(
  degraded: readonly Degraded[],
  model: Model,
  { pools, words }: Pick<Look, 'pools' | 'words'>,
): readonly Degraded[] {
  const broken = new Set([...pools].flatMap(([pool, rows]) => (rows.every(({ works }) => works) ? [] : [pool])));
  if (broken.size === 0) return degraded;
  const { book } = usageOf(model);
  const known = new Map(degraded.map((each) => [each.service, each]));
  for (const service of model.services.values()) {
    const hit = brokenOf(service, broken, words, book);
    if (hit.length === 0) continue;
    const before = known.get(service.name);
    const isLost = hit.some((word) => word.partly === undefined && !isPassed(word, words));
    known.set(service.name, {
      service: service.name,
      state: isLost ? 'unavailable' : 'degraded',
      reasons: [...new Set([...hit.map(sentence), ...(before?.reasons ?? [])])],
    });
  }
  return [...known.values()];
}

/** Every such reason once, for status. */
export function outageProblems(words: Look['words']): readonly string[] {
  return [...words.values()].filter(({ works }) => !works).map(sentence);
}

/** 100,000 services are gone through: most need no look at what stands around a step. */
function brokenOf(
  service: Service,
  broken: ReadonlySet<string>,
  words: Look['words'],
  book: WordBook,
): readonly WordView[] {
  const hit: WordView[] = [];
  const take = (name: string): void => {
    const word = words.get(name);
    if (word !== undefined && !word.works) hit.push(word);
  };
  for (const step of service.return === undefined ? service.sequence : [...service.sequence, ...service.return]) {
    if (step.kind === 'copy' || !broken.has(step.target)) continue;
    const alike = book.alike(step);
    if (alike !== undefined) take(alike.name);
    else if (!book.hasWord(step) && !book.isJudged(step.target)) take(step.target);
    else
      return namesOf(service, book)
        .flatMap((name) => words.get(name) ?? [])
        .filter(({ works }) => !works);
  }
  return [...new Set(hit)];
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
function isPassed({ target }: WordView, words: Look['words']): boolean {
  if (target === 'bypass') return true;
  const next = target.startsWith('pool ') ? words.get(target.slice('pool '.length)) : undefined;
  return next !== undefined && (next.works || isPassed(next, words));
}

function sentence({ name, target, reason }: WordView): string {
  const way = target === 'bypass' || target === 'drop' || target.startsWith('pool ') ? ` (packets: ${target})` : '';
  return `${name}: ${reason}${way}`;
}
