import { Command } from 'commander';
import type { CountersView, HopCounter, Rate, RatedCounters } from '../../api-types/operations.ts';
import type { Count } from '../../terms/count.ts';
import { jsonText } from '../../terms/json.ts';
import { action } from '../cli.ts';
import { clearScreen, write } from '../output.ts';
import { parseSeconds, sampled } from '../sampled.ts';
import { type Column, grouped, renderTable, scaled } from '../table.ts';

interface Options {
  readonly watch?: boolean;
  readonly interval: number;
  readonly service?: string;
  readonly all?: boolean;
  readonly rates: boolean;
}

const HELP = `
Hops stand in the order in which packets pass them. The rates are those of one interval (a second): so long the command takes.
"lost" behind a hop is what it handed on and the next hop did not see: what the device between them dropped, or answered itself.
It is "-" where it cannot be told: the service had another sequence meanwhile.

With -o json: one object; with --watch one a line. Counts are exact beyond 2^53: read them as 64-bit integers.

Examples:
  hopline counters
  hopline counters --service shop --watch
  hopline counters --no-rates -o json     at once
`;

/** `hopline counters [--watch]` */
export function countersCommand(): Command {
  return new Command('counters')
    .description('packets and bytes per service and hop, also a second, what is lost between hops; legs; every verdict')
    .option('-w, --watch', 'again and again')
    .option('-i, --interval <seconds>', 'what rates are measured over', parseSeconds, 1)
    .option('-s, --service <name>', 'only this service')
    .option('-a, --all', 'rows that counted nothing, too')
    .option('--no-rates', 'only what was counted, at once')
    .addHelpText('after', HELP)
    .action(
      action(async (context, options: Options) => {
        const operations = await context.operations();
        if (!options.rates && options.watch !== true) {
          return context.print(select(await operations.counters(), options), renderCounters);
        }
        for await (const counters of sampled(operations, options.interval)) {
          const selected = select(counters, options);
          if (options.watch !== true) return context.print(selected, renderCounters);
          if (context.options.output === 'json') write(`${jsonText(selected)}\n`);
          else {
            clearScreen();
            write(renderCounters(selected));
          }
        }
      }),
    );
}

type Shown = CountersView & Partial<Pick<RatedCounters, 'losses' | 'seconds'>>;

function select<View extends Shown>(counters: View, { service, all }: Options): View {
  const counted = ({ packets }: { packets: Count }) => all === true || packets > 0;
  const isWanted = (row: { service: string }) => service === undefined || row.service === service;
  return {
    ...counters,
    services: counters.services.filter((row) => isWanted(row) && counted(row)),
    ...(counters.losses && { losses: counters.losses.filter(isWanted) }),
    devices: service === undefined ? counters.devices.filter(counted) : [],
    verdicts: service === undefined ? counters.verdicts.filter(counted) : [],
  };
}

type Row = HopCounter & Partial<Rate>;

/** The three tables, one below the other; those without rows are left out. */
export function renderCounters(counters: Shown): string {
  const { services, devices, verdicts } = counters;
  const rated = counters.losses !== undefined;
  const tables = [
    services.length === 0
      ? ''
      : renderTable<Row>(services, [
          { title: 'service', value: ({ service }) => service },
          { title: 'hop', value: ({ hop }) => hop, right: true },
          { title: 'direction', value: ({ direction }) => direction },
          { title: 'from', value: ({ from }) => from },
          { title: 'to', value: ({ to }) => to },
          ...traffic(rated),
          ...(rated ? lost(counters) : []),
        ]),
    devices.length === 0
      ? ''
      : renderTable<CountersView['devices'][number]>(devices, [
          { title: 'sent to', value: ({ leg }) => leg },
          ...traffic(rated),
        ]),
    verdicts.length === 0
      ? ''
      : renderTable(verdicts, [
          { title: 'interface', value: (row) => row.interface },
          { title: 'verdict', value: ({ reason }) => reason.toLowerCase() },
          ...traffic(rated).filter(({ title }) => title.startsWith('packets')),
          { title: 'meaning', value: ({ text }) => text },
        ]),
  ].filter((table) => table !== '');
  return tables.length === 0 ? 'Nothing was counted yet.\n' : tables.join('\n');
}

interface Counted extends Partial<Rate> {
  readonly packets: Count;
  readonly bytes?: Count;
}

function traffic(rated: boolean): readonly Column<Counted>[] {
  const rate = (value: number | undefined): string | undefined => (value === undefined ? undefined : scaled(value));
  const counts: readonly Column<Counted>[] = [
    { title: 'packets', value: (row) => grouped(row.packets), right: true },
    { title: 'bytes', value: (row) => grouped(row.bytes ?? 0), right: true },
  ];
  if (!rated) return counts;
  return [
    ...counts,
    { title: 'packets/s', value: (row) => rate(row.packetsPerSecond), right: true },
    { title: 'bits/s', value: (row) => rate(row.bitsPerSecond), right: true },
  ];
}

/** In the first row of a hop: what did not come to the next one. */
function lost({ services, losses }: Shown): readonly Column<Row>[] {
  const key = (way: { service: string; direction: string }, hop: number) =>
    JSON.stringify([way.service, way.direction, hop]);
  const known = new Map(losses!.map((loss) => [key(loss, loss.behind), loss]));
  const first = new Map<string, Row>();
  for (const row of services) {
    const hop = key(row, row.hop);
    if (row.apart === undefined && !first.has(hop)) first.set(hop, row);
  }
  const lossOf = (row: Row) => (first.get(key(row, row.hop)) === row ? known.get(key(row, row.hop)) : undefined);
  return [
    {
      title: 'lost',
      value: (row) => {
        const loss = lossOf(row)?.packets;
        return loss === undefined ? undefined : grouped(loss);
      },
      right: true,
    },
    {
      title: 'lost/s',
      value: (row) => {
        const loss = lossOf(row);
        return loss === undefined ? undefined : scaled(loss.packetsPerSecond);
      },
      right: true,
    },
  ];
}
