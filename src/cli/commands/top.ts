import { Command, InvalidArgumentError } from 'commander';
import { jsonText } from '../../terms/json.ts';
import { type Busiest, busiest } from '../../views/busiest.ts';
import { action } from '../cli.ts';
import { clearScreen, write } from '../output.ts';
import { parseSeconds, sampled } from '../sampled.ts';
import { renderTable, scaled } from '../table.ts';

interface Options {
  readonly interval: number;
  readonly lines?: number;
  readonly count?: number;
}

/** Of each table, where nobody says how many fit. */
const LINES = 15;
/** Headings, totals and blank lines of the screen. */
const AROUND = 8;

const HELP = `
Services are counted at the client's end; "lost/s" is what their devices took and did not hand on. Ends with Ctrl-C, or after
--count screens. With -o json: one object a line.

Examples:
  hopline top
  hopline top --interval 5 --lines 40
  hopline top --count 1 -o json     one measurement, for a script
`;

/** `hopline top` */
export function topCommand(): Command {
  return new Command('top')
    .description('the busiest services, devices and reasons for drops, live: packets and bits a second')
    .option('-i, --interval <seconds>', 'what rates are measured over', parseSeconds, 1)
    .option('-l, --lines <number>', 'rows of each table (default: what fits on the screen)', positive)
    .option('-n, --count <number>', 'end after so many screens', positive)
    .addHelpText('after', HELP)
    .action(
      action(async (context, { interval, lines, count }: Options) => {
        const operations = await context.operations();
        let shown = 0;
        for await (const counters of sampled(operations, interval)) {
          const now = busiest(counters);
          if (context.options.output === 'json') write(`${jsonText(now)}\n`);
          else {
            clearScreen();
            write(renderTop(now, lines ?? fitting(process.stdout.rows)));
          }
          if (++shown === count) return;
        }
      }),
    );
}

/** One screen, with at most so many rows in each table. */
export function renderTop(now: Busiest, lines: number): string {
  const { time, total, droppedPerSecond, services, devices, drops } = now;
  const head = `${time}  ${scaled(total.packetsPerSecond)} packets/s  ${scaled(total.bitsPerSecond)} bits/s  dropped ${scaled(droppedPerSecond)}/s\n`;
  const parts = [
    head,
    renderTable(
      services.slice(0, lines),
      [
        { title: 'service', value: ({ service }) => service },
        { title: 'packets/s', value: ({ there }) => scaled(there.packetsPerSecond), right: true },
        { title: 'bits/s', value: ({ there }) => scaled(there.bitsPerSecond), right: true },
        { title: 'back packets/s', value: ({ back }) => scaled(back.packetsPerSecond), right: true },
        { title: 'back bits/s', value: ({ back }) => scaled(back.bitsPerSecond), right: true },
        { title: 'lost/s', value: ({ lostPerSecond }) => scaled(lostPerSecond), right: true },
      ],
      'No service has traffic.',
    ),
    devices.length === 0
      ? ''
      : renderTable(devices.slice(0, lines), [
          { title: 'sent to', value: ({ leg }) => leg },
          { title: 'packets/s', value: ({ packetsPerSecond }) => scaled(packetsPerSecond), right: true },
          { title: 'bits/s', value: ({ bitsPerSecond }) => scaled(bitsPerSecond), right: true },
        ]),
    drops.length === 0
      ? ''
      : renderTable(drops.slice(0, lines), [
          { title: 'interface', value: (row) => row.interface },
          { title: 'dropped because', value: ({ reason }) => reason.slice('DROP_'.length).toLowerCase() },
          { title: 'packets/s', value: ({ packetsPerSecond }) => scaled(packetsPerSecond), right: true },
        ]),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

const fitting = (rows: number | undefined): number =>
  rows === undefined ? LINES : Math.max(3, Math.floor((rows - AROUND) / 3));

function positive(text: string): number {
  const value = Number(text);
  if (!(Number.isInteger(value) && value > 0)) throw new InvalidArgumentError('a whole number from 1 on');
  return value;
}
