import { Command, InvalidArgumentError } from 'commander';
import type { HistoryEntry } from '../../api-types/operations.ts';
import { differenceText } from '../../views/difference.ts';
import { renderChange } from '../change.ts';
import { action } from '../cli.ts';
import { write } from '../output.ts';
import { renderTable } from '../table.ts';

/** `hopline history [show N]` */
export function historyCommand(): Command {
  const command = new Command('history')
    .description('which definitions were in force: since when, by whom, and what they changed')
    .addHelpText(
      'after',
      `
The last one is in force. The last 100 at least are kept, in the state directory.

Examples:
  hopline history
  hopline history show 7 > then.yaml     the definitions of then, whole
  hopline rollback 7                     in force again
`,
    )
    .action(action(async (context) => context.print(await (await context.operations()).history(), renderHistory)));
  command
    .command('show <number>')
    .description('definitions that were in force, as a file')
    .action(
      action(async (context, number: string) => {
        write(await (await context.operations()).definitionsOf(entryNumber(number)));
      }),
    );
  return command;
}

/** `hopline rollback [N]` */
export function rollbackCommand(): Command {
  return new Command('rollback')
    .description('back to the definitions before the last change, or to those of an entry of the history')
    .argument('[number]', 'as hopline history has it (default: the one before the last)', entryNumber)
    .addHelpText(
      'after',
      `
Twice without a number: forth again. A rollback is an entry of the history itself.

Examples:
  hopline rollback
  hopline rollback 7
`,
    )
    .action(
      action(async (context, number: number | undefined) =>
        context.print(await (await context.operations()).rollback(number), renderChange),
      ),
    );
}

/** `hopline export` */
export function exportCommand(): Command {
  return new Command('export')
    .description('what is in force, with the choices of commands, as a file that applies to the same')
    .addHelpText(
      'after',
      `
With the members that "pool use" chose, stand-ins of "device replace", and modes that were found. What a file cannot say (devices
in maintenance, NICs attached otherwise) stands in its head as commands. It holds the passwords of probes, as the definitions do.

Examples:
  hopline export > /etc/hopline/hopline.yaml
  hopline export | hopline diff -
`,
    )
    .action(action(async (context) => write(await (await context.operations()).exported())));
}

/** Newest last, as in the file. */
export function renderHistory(entries: readonly HistoryEntry[]): string {
  return renderTable(
    entries,
    [
      { title: 'number', value: ({ number }) => number, right: true },
      { title: 'time', value: ({ time }) => time },
      { title: 'by', value: ({ by }) => by },
      { title: 'how', value: ({ how }) => how },
      { title: 'services', value: ({ services }) => countsOf(services) },
      { title: 'what', value: ({ differences }) => whatOf(differences) },
    ],
    'Nothing was applied yet.',
  );
}

const countsOf = ({ added, changed, removed }: HistoryEntry['services']): string =>
  [added > 0 && `+${added}`, changed > 0 && `~${changed}`, removed > 0 && `-${removed}`].filter(Boolean).join(' ') ||
  '-';

/** The first of them; `history show` has all. */
function whatOf(differences: HistoryEntry['differences']): string {
  const [first, second] = differences.map(differenceText);
  if (first === undefined) return '-';
  return second === undefined ? first : `${first}; and more`;
}

function entryNumber(text: string): number {
  const value = Number(text);
  if (!(Number.isInteger(value) && value > 0)) throw new InvalidArgumentError('a number of hopline history');
  return value;
}
