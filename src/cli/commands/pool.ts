import { Command } from 'commander';
import type { PoolView } from '../../api-types/operations.ts';
import { action } from '../cli.ts';
import { ago, renderHealth, stateOf } from '../health.ts';
import { renderFields, renderTable } from '../table.ts';
import { findNamed } from './objects.ts';

/** `hopline pool list|show|use` */
export function poolCommand(): Command {
  const command = new Command('pool').description('pools: like devices, one of which works');
  command
    .command('list')
    .description('all pools, and who works now')
    .action(action(async (context) => context.print(await (await context.operations()).listPools(), renderPools)));
  command
    .command('show <name>')
    .description('one pool: who works and why, and what is thought of each member')
    .action(
      action(async (context, name: string) => {
        const pools = await (await context.operations()).listPools();
        context.print(findNamed('pool', pools, name), renderPool);
      }),
    );
  command
    .command('use <pool> <member>')
    .description('make this member work: every service that uses the pool moves at once')
    .addHelpText(
      'after',
      `
Needs a running controller. Stays so over restarts and applies, until the member fails, or the definitions name another
active member.
`,
    )
    .action(
      action(async (context, pool: string, member: string) => {
        const used = await (await context.operations()).usePool(pool, member);
        context.print(used, ({ name, active }) => `${name}: ${active} works now\n`);
      }),
    );
  return command;
}

/** Pools as a table. */
export function renderPools(pools: readonly PoolView[]): string {
  return renderTable(
    pools,
    [
      { title: 'pool', value: ({ name }) => name },
      { title: 'works', value: works },
      { title: 'members', value: ({ health }) => health.map((each) => memberOf(each)).join(', ') },
      { title: 'definitions', value: ({ active, instead }) => instead ?? active },
    ],
    'No pools are defined.',
  );
}

/** Everybody who works for some service; where nobody does for one application, or for any, that. */
function works({ active, available, words }: PoolView): string {
  const namesOf = (some: PoolView['words']): string =>
    [...new Set(some.map(({ target }) => target))].join(', ') || active;
  if (available) return namesOf(words);
  const working = words.filter((word) => word.works);
  if (working.length === 0 || working.length === words.length) return `nobody (${namesOf(words)})`;
  const missing = words.filter((word) => !word.works).map(({ name, application }) => application ?? name);
  return `${namesOf(working)}; nobody for ${missing.join(', ')}`;
}

function memberOf({ member, health }: PoolView['health'][number]): string {
  const state = stateOf(health);
  return state === 'up' || state === '-' ? member : `${member} (${state})`;
}

function renderPool(pool: PoolView): string {
  const head = renderFields([
    ['pool', pool.name],
    ['members', pool.members.join(', ')],
    ['definitions', pool.instead ?? pool.active],
    ['state', pool.available ? 'available' : 'unavailable'],
  ]);
  const words = renderTable(
    pool.words,
    [
      { title: 'services', value: ({ application }) => application ?? 'all' },
      { title: 'works', value: ({ target }) => target },
      { title: 'for', value: ({ since }) => ago(since) },
      { title: 'why', value: ({ reason }) => reason },
      { title: 'word', value: ({ name }) => name },
    ],
    'Not known: no controller has watched it yet.',
  );
  const members = pool.health.map(({ member, health }) =>
    health.length === 0 ? `${member}: not watched\n` : `${member}: ${stateOf(health)}\n${renderHealth(health)}`,
  );
  return [head, words, ...members].join('\n');
}
