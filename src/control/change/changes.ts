import { type ChangeReport, DIFFERENCES_TOLD } from '../../api-types/change-report.ts';
import type { Model } from '../../model/types.ts';
import type { ServiceChange } from '../../plan/change.ts';
import type { Difference } from '../../terms/difference.ts';
import { otherDifferences, serviceDifference } from '../../views/difference.ts';
import { forwardingProblems } from '../network/forwarding.ts';
import type { State } from '../state/state.ts';

/** What is different, in names. `only`: the services that differ, where that is known and nothing else does. */
export function describeChange(
  before: Pick<State, 'written'>,
  after: Pick<State, 'written' | 'model'>,
  only?: readonly ServiceChange[],
): Pick<ChangeReport, 'services' | 'other' | 'differences' | 'moreDifferences' | 'warnings'> {
  const changes = only ?? differentServices(before.written, after.written);
  const other = only === undefined ? otherDifferences(before.written, after.written) : [];
  const told = changes.slice(0, Math.max(0, DIFFERENCES_TOLD - other.length));
  const differences = [
    ...told.flatMap((change) => serviceDifference(change.before, change.after) ?? []),
    ...other.slice(0, DIFFERENCES_TOLD),
  ];
  return {
    services: serviceNames(changes),
    other: other.map(sentence),
    differences,
    moreDifferences: changes.length - told.length + Math.max(0, other.length - DIFFERENCES_TOLD),
    warnings: only === undefined ? forwardingProblems(after.model) : [],
  };
}

/** The model with only those services that a change was about; with all where that is not known. */
export function concerned(model: Model, changes?: readonly ServiceChange[]): Model {
  if (changes === undefined) return model;
  const services = changes.flatMap(({ after }) => after ?? []);
  return { ...model, services: new Map(services.map((service) => [service.name, service])) };
}

/** Names of services by what happened to them. */
function serviceNames(changes: readonly ServiceChange[]): ChangeReport['services'] {
  const names = (wanted: (change: ServiceChange) => boolean) =>
    changes.filter(wanted).map(({ before, after }) => (after ?? before)!.name);
  return {
    added: names(({ before }) => before === undefined),
    changed: names(({ before, after }) => before !== undefined && after !== undefined),
    removed: names(({ after }) => after === undefined),
  };
}

const SIGNS = { added: '+', changed: '~', removed: '-' } as const;

/** A line on each interface, device and pool that is different. */
function sentence({ kind, name, change }: Difference): string {
  return kind === 'health' ? `${SIGNS.changed} health` : `${SIGNS[change]} ${kind} ${name}`;
}

/** Every service that differs; unlike the plan's own comparison also where devices do. */
function differentServices(before: Model, after: Model): readonly ServiceChange[] {
  const changes: ServiceChange[] = [];
  if (before.services === after.services) return changes;
  for (const [name, service] of before.services) {
    const now = after.services.get(name);
    if (now === undefined) changes.push({ before: service });
    else if (!same(service, now)) changes.push({ before: service, after: now });
  }
  for (const [name, service] of after.services) if (!before.services.has(name)) changes.push({ after: service });
  return changes;
}

function same(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
