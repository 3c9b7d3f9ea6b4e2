import { setTimeout as wait } from 'node:timers/promises';
import { Command, InvalidArgumentError } from 'commander';
import type { CountersView } from '../../api-types/operations.ts';
import { action, write } from '../cli.ts';
import { grouped, renderTable } from '../table.ts';

const CLEAR = '\u001b[H\u001b[2J';

interface Options {
  readonly watch?: boolean;
  readonly interval: number;
  readonly service?: string;
  readonly all?: boolean;
}

/** `hopline counters [--watch]` */
export function countersCommand(): Command {
  return new Command('counters')
    .description('packets and bytes per service and hop, per leg, and every verdict by its reason')
    .option('-w, --watch', 'again and again')
    .option('-i, --interval <seconds>', 'with --watch', seconds, 1)
    .option('-s, --service <name>', 'only this service')
    .option('-a, --all', 'rows that counted nothing, too')
    .action(
      action(async (context, options: Options) => {
        const operations = await context.operations();
        for (;;) {
          const counters = select(await operations.counters(), options);
          if (options.watch === true && context.options.output === 'table') write(CLEAR);
          context.print(counters, renderCounters);
          if (options.watch !== true) return;
          await wait(options.interval * 1000);
        }
      }),
    );
}

function select(counters: CountersView, { service, all }: Options): CountersView {
  const counted = ({ packets }: { packets: number }) => all === true || packets > 0;
  return {
    services: counters.services.filter((row) => (service === undefined || row.service === service) && counted(row)),
    devices: service === undefined ? counters.devices.filter(counted) : [],
    verdicts: service === undefined ? counters.verdicts.filter(counted) : [],
  };
}

/** The three tables, one below the other; those without rows are left out. */
export function renderCounters({ services, devices, verdicts }: CountersView): string {
  const packets = { title: 'packets', value: (row: { packets: number }) => grouped(row.packets), right: true };
  const bytes = { title: 'bytes', value: (row: { bytes: number }) => grouped(row.bytes), right: true };
  const tables = [
    services.length === 0
      ? ''
      : renderTable(services, [
          { title: 'service', value: ({ service }) => service },
          { title: 'hop', value: ({ hop }) => hop, right: true },
          { title: 'direction', value: ({ direction }) => direction },
          { title: 'from', value: ({ from }) => from },
          { title: 'to', value: ({ to }) => to },
          packets,
          bytes,
        ]),
    devices.length === 0 ? '' : renderTable(devices, [{ title: 'sent to', value: ({ leg }) => leg }, packets, bytes]),
    verdicts.length === 0
      ? ''
      : renderTable(verdicts, [
          { title: 'interface', value: (row) => row.interface },
          { title: 'verdict', value: ({ reason }) => reason.toLowerCase() },
          packets,
          { title: 'meaning', value: ({ text }) => text },
        ]),
  ].filter((table) => table !== '');
  return tables.length === 0 ? 'Nothing was counted yet.\n' : tables.join('\n');
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value >= 0.1 && value <= 3600)) throw new InvalidArgumentError('seconds between 0.1 and 3600');
  return value;
}
