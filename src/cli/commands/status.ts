import { Command } from 'commander';
import { EXIT } from '../../api-types/failure.ts';
import type { StatusView } from '../../api-types/operations.ts';
import { action } from '../cli.ts';
import { grouped, renderFields, renderTable } from '../table.ts';
import { renderInterfaces } from './objects.ts';
import { renderPools } from './pool.ts';

/** Degraded services are listed up to this many; the rest is counted. */
const LISTED = 20;

/** `hopline status` */
export function statusCommand(): Command {
  return new Command('status')
    .description('what runs, what is attached, what is degraded and why')
    .option('--fail-degraded', 'exit code 1 unless all is well: a service degraded, a problem, a pool without a spare')
    .action(
      action(async (context, options: { failDegraded?: boolean }) => {
        const status = await (await context.operations()).status();
        context.print(status, renderStatus);
        return options.failDegraded === true && !isAllWell(status) ? EXIT.failed : EXIT.ok;
      }),
    );
}

/** Everything at a glance; healthy engines fit on one screen. */
export function renderStatus(status: StatusView): string {
  const { controller, steps } = status;
  const head = renderFields([
    ['instance', status.instance],
    ['version', status.version],
    [
      'controller',
      controller === undefined
        ? 'not running (forwarding does not need it)'
        : `running, pid ${controller.pid}, since ${controller.since}`,
    ],
    ['tables', status.loaded ? `${grouped(steps.used)} of ${grouped(steps.room)} steps` : 'not loaded'],
    ['services', `${grouped(status.services)}, ${verdictOf(status)}`],
  ]);
  const parts = [head, renderInterfaces(status.interfaces)];
  if (status.pools.length > 0) parts.push(renderPools(status.pools));
  if (status.degraded.length > 0) parts.push(renderDegraded(status.degraded));
  if (status.problems.length > 0) parts.push(status.problems.map((problem) => `problem: ${problem}\n`).join(''));
  if (status.attention.length > 0) parts.push(status.attention.map((each) => `attention: ${each}\n`).join(''));
  return parts.join('\n');
}

/** Nothing is wrong, and nobody need look at anything. */
const isAllWell = ({ degraded, problems, attention }: StatusView): boolean =>
  degraded.length + problems.length + attention.length === 0;

function verdictOf(status: StatusView): string {
  if (isAllWell(status)) return 'all well';
  if (status.degraded.length > 0) return `${grouped(status.degraded.length)} degraded`;
  return 'none degraded, but look below';
}

/** Degraded services with their reasons. */
export function renderDegraded(degraded: StatusView['degraded']): string {
  const table = renderTable(degraded.slice(0, LISTED), [
    { title: 'service', value: ({ service }) => service },
    { title: 'state', value: ({ state }) => state },
    { title: 'why', value: ({ reasons }) => reasons.join('; ') },
  ]);
  const more = degraded.length - LISTED;
  return more > 0 ? `${table}and ${grouped(more)} more\n` : table;
}
