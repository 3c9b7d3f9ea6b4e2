import type { HealthView, WordView } from '../api-types/health-operations.ts';
import type { Model } from '../model/types.ts';
import type { Look } from './health-snapshot.ts';

/** States in which a device serves, or in which somebody put it. */
const QUIET: ReadonlySet<HealthView['state']> = new Set(['up', 'unknown', 'suspect', 'draining', 'maintenance']);

/**
 * What no service suffers from yet, and somebody should look at, as sentences: devices that are out or raise alarms, those that
 * wait to be told to come back, pools with nobody left who could take over.
 * @param told sentences that are said already: what stands in one of them is not said again.
 */
export function attentionOf(model: Model, { devices, pools }: Look, told: readonly string[]): readonly string[] {
  const spare = [...pools].flatMap(([pool, words]) => words.flatMap((word) => noSpare(model, pool, word, devices)));
  const isTold = ({ reason }: HealthView): boolean => told.some((each) => each.includes(reason));
  const out = [...devices].flatMap(([device, views]) =>
    views.filter((view) => !isTold(view)).flatMap((view) => sentenceOf(device, view) ?? []),
  );
  return [...spare, ...out];
}

function noSpare(model: Model, pool: string, word: WordView, devices: Look['devices']): readonly string[] {
  if (!word.works || word.spares === undefined || word.spares.length > 0) return [];
  const others = (model.pools.get(pool)?.members ?? []).filter((member) => member !== word.target);
  const states = others.map((member) => {
    const views = devices.get(member) ?? [];
    const view = views.find((each) => each.application === word.application && !QUIET.has(each.state)) ?? views[0];
    return `${member} is ${view?.state ?? 'not watched'}`;
  });
  return [`pool ${word.name} has no spare left: only ${word.target} works (${states.join(', ')})`];
}

function sentenceOf(device: string, view: HealthView): string | undefined {
  const who = view.application === undefined ? device : `${device} (${view.application})`;
  if (view.state === 'held-up')
    return `${who} is held-up: ${view.reason}`.replace('(device restore)', `(hopline device restore ${device})`);
  if (!QUIET.has(view.state)) return `${who} is ${view.state}: ${view.reason}`;
  if (view.alarm === undefined) return undefined;
  return `${who} raised an alarm: ${view.alarm}; its own probes are answered (does it drop some of its traffic?)`;
}
