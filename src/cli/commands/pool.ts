import { Command } from 'commander';
import type { PoolView } from '../../daemon/operations.ts';
import { action } from '../cli.ts';
import { renderTable } from '../table.ts';
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
    .description('one pool')
    .action(
      action(async (context, name: string) => {
        const pools = await (await context.operations()).listPools();
        context.print(findNamed('pool', pools, name), (pool) => renderPools([pool]));
      }),
    );
  command
    .command('use <pool> <member>')
    .description('make this member work: every service that uses the pool moves at once')
    .addHelpText('after', '\nStays so over restarts and applies, until the definitions name another active member.\n')
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
      { title: 'works', value: ({ active }) => active },
      { title: 'members', value: ({ members }) => members.join(', ') },
      {
        title: 'by',
        value: ({ instead }) => (instead === undefined ? 'definitions' : `command (definitions: ${instead})`),
      },
    ],
    'No pools are defined.',
  );
}
