import { Failure } from '../../api-types/failure.ts';
import type { DefinitionText } from '../../api-types/operations.ts';
import type { ModelIndex } from '../../model/change/model-index.ts';
import { formatProblem } from '../../model/problem.ts';
import { readDefinitions } from '../../model/read/read.ts';
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
  { text, file }: DefinitionText,
  nics?: NetworkState['nics'],
): { readonly model: Model; readonly index: ModelIndex } {
  const result = readDefinitions(text, file, nics === undefined ? {} : { nics });
  if (result.ok) return result;
  const { problems } = result;
  const count = problems.length === 1 ? 'there is a problem' : `there are ${problems.length} problems`;
  throw new Failure(
    'refused',
    `${file}: ${count}; nothing was changed`,
    problems.map((problem) => formatProblem(problem, text)),
  );
}
