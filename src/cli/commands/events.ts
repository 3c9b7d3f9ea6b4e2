import { Command, InvalidArgumentError } from 'commander';
import type { ToldEvent } from '../../health/types.ts';
import { action, type Context } from '../cli.ts';
import { outputEnded, write } from '../output.ts';
import { renderTable } from '../table.ts';

interface Options {
  readonly follow?: boolean;
  readonly device?: string;
  readonly since?: string;
}

/** `hopline events [--follow] [--device D] [--since T]` */
export function eventsCommand(): Command {
  return new Command('events')
    .description('what happened to devices and pools, and why; kept over restarts')
    .option('-f, --follow', 'go on with those that come (needs a running controller)')
    .option('-d, --device <name>', 'only of this device, and of pools that left it or went to it')
    .option('-s, --since <time>', 'only since then: 90s, 10m, 2h, 3d, or 2026-01-31T12:00:00Z', since)
    .addHelpText(
      'after',
      `
With -o json: a list; with --follow one object a line.

Examples:
  hopline events --since 1h
  hopline events --follow --device fw1
`,
    )
    .action(
      action(async (context, { follow, device, since: from }: Options) => {
        const operations = await context.operations();
        const filter = { ...(device !== undefined && { device }), ...(from !== undefined && { since: from }) };
        if (follow !== true) return context.print(await operations.events(filter), renderEvents);
        const ended = new AbortController();
        process.once('SIGINT', () => ended.abort());
        const signal = AbortSignal.any([ended.signal, outputEnded]);
        for await (const event of operations.followEvents(filter, signal)) write(lineOf(event, context));
      }),
    );
}

/** Events as a table. */
export function renderEvents(events: readonly ToldEvent[]): string {
  return renderTable(
    events,
    [
      { title: 'time', value: ({ time }) => time },
      { title: 'what', value: ({ what }) => what },
      { title: 'who', value: whoOf },
      { title: 'change', value: changeOf },
      { title: 'by', value: ({ trigger }) => trigger },
      { title: 'took', value: ({ took }) => (took === undefined ? undefined : `${took} us`), right: true },
      { title: 'why', value: ({ reason }) => reason },
    ],
    'No events.',
  );
}

function lineOf(event: ToldEvent, { options }: Context): string {
  if (options.output === 'json') return `${JSON.stringify(event)}\n`;
  return `${[event.time, event.what, whoOf(event), changeOf(event), event.trigger, event.reason].join('  ')}\n`;
}

function whoOf({ device, application, pool }: ToldEvent): string {
  return pool ?? ([device, application].filter((part) => part !== undefined).join(' ') || '-');
}

function changeOf({ from, to }: ToldEvent): string {
  if (from === undefined && to === undefined) return '-';
  return from === undefined ? `-> ${to}` : `${from} -> ${to}`;
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A time as ISO 8601, given so or as how long ago. */
function since(text: string): string {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text) ?? [];
  const time = unit === undefined ? Date.parse(text) : Date.now() - Number(amount) * UNITS[unit]!;
  if (Number.isNaN(time)) throw new InvalidArgumentError('a time, as 90s, 10m, 2h, 3d or 2026-01-31T12:00:00Z');
  return new Date(time).toISOString();
}
