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
    .option('--fail-degraded', 'exit code 1 when a service is degraded')
    .action(
      action(async (context, options: { failDegraded?: boolean }) => {
        const status = await (await context.operations()).status();
        context.print(status, renderStatus);
        return options.failDegraded === true && status.degraded.length > 0 ? EXIT.failed : EXIT.ok;
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
    [
      'services',
      `${grouped(status.services)}, ${status.degraded.length === 0 ? 'all well' : `${grouped(status.degraded.length)} degraded`}`,
    ],
  ]);
  const parts = [head, renderInterfaces(status.interfaces)];
  if (status.pools.length > 0) parts.push(renderPools(status.pools));
  if (status.degraded.length > 0) parts.push(renderDegraded(status.degraded));
  if (status.problems.length > 0) parts.push(status.problems.map((problem) => `problem: ${problem}\n`).join(''));
  return parts.join('\n');
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
