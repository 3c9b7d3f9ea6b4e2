import { Failure } from '../../api-types/failure.ts';
import type { DefinitionText } from '../../api-types/operations.ts';
import type { ModelIndex } from '../../model/change/model-index.ts';
import { formatProblem, type Problem } from '../../model/problem.ts';
import { readDefinitions, readValue } from '../../model/read/read.ts';
import { Source } from '../../model/read/source.ts';
import type { Model } from '../../model/types.ts';
import type { NetworkState } from '../../plan/network.ts';

/**
 * Definitions as a model. With `nics`, addresses that the engine has itself are refused.
 * @throws Failure refused, with each problem at its line and what to try.
 */
export function readModel(definitions: DefinitionText, nics?: NetworkState['nics']): Model {
  return readWithIndex(definitions, nics).model;
}

/** As {@link readModel}, with the index that an editor goes on from. */
export function readWithIndex(
  { text, file, value }: DefinitionText,
  nics?: NetworkState['nics'],
): { readonly model: Model; readonly index: ModelIndex } {
  const result = readDefinitions(text, file, { ...(nics && { nics }), ...(value !== undefined && { value }) });
  if (result.ok) return result;
  throw refusal({ text, file }, result.problems);
}

/**
 * What a text says, as definitions are read: merge keys, no characters that nobody sees, no number to be read in two ways.
 * @throws Failure refused, with each problem at its line and what to try.
 */
export function readYaml({ text, file }: DefinitionText): unknown {
  const read = readValue(text, new Source(file, text));
  if ('value' in read) return read.value;
  throw refusal({ text, file }, read.problems);
}

function refusal({ text, file }: DefinitionText, problems: readonly Problem[]): Failure {
  const count = problems.length === 1 ? 'there is a problem' : `there are ${problems.length} problems`;
  return new Failure(
    'refused',
    `${file}: ${count}; nothing was changed`,
    problems.map((problem) => formatProblem(problem, text)),
  );
}
