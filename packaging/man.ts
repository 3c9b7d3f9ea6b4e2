/** Man pages, made from what the command line says of itself: hopline(1), and hopline-COMMAND(1) for each command. */
import type { Command } from 'commander';
import { buildProgram } from '../src/cli/program.ts';

/** Text as roff prints it: no line begins a request, no character is one of its own. */
const plain = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/gm, '\\&$1');

/** The command with those it has below it, each path once. */
function withChildren(command: Command): Command[] {
  const children = command.createHelp().visibleCommands(command);
  return [command, ...children.filter((child) => child.name() !== 'help').flatMap(withChildren)];
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

/** What stands behind the lists in --help: examples and explanations. */
function closing(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  return text.slice(command.helpInformation().length).trim();
}

function listOf(items: readonly (readonly [term: string, description: string])[]): string {
  return items.map(([term, description]) => `.TP\n.B ${plain(term)}\n${plain(description)}\n`).join('');
}

function bodyOf(command: Command): string {
  const help = command.createHelp();
  const lists: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
    [
      'Arguments',
      help.visibleArguments(command).map((each) => [help.argumentTerm(each), help.argumentDescription(each)]),
    ],
    ['Options', help.visibleOptions(command).map((each) => [help.optionTerm(each), help.optionDescription(each)])],
    [
      'Commands',
      help.visibleCommands(command).map((each) => [help.subcommandTerm(each), help.subcommandDescription(each)]),
    ],
  ];
  const more = closing(command);
  return [
    ...lists.filter(([, items]) => items.length > 0).map(([title, items]) => `.SS ${title}\n${listOf(items)}`),
    ...(more === '' ? [] : [`.PP\n.nf\n${plain(more)}\n.fi\n`]),
  ].join('');
}

interface Page {
  readonly name: string;
  readonly command: Command;
  /** What it describes: the command, and those below it. */
  readonly sections: readonly Command[];
  readonly others: readonly string[];
}

function render({ name, command, sections, others }: Page, version: string): string {
  const help = command.createHelp();
  const usage = sections.map((each) => `.B ${plain(help.commandUsage(each))}\n.br\n`).join('');
  const details = sections
    .map((each) => `.SH ${plain(pathOf(each)).toUpperCase()}\n${plain(each.description())}\n${bodyOf(each)}`)
    .join('');
  return `.TH ${name.toUpperCase()} 1 "" "hopline ${version}" "Hopline"
.SH NAME
${plain(name)} \\- ${plain(command.description())}
.SH SYNOPSIS
${usage}${details}.SH SEE ALSO
${others.map((each) => `.BR ${plain(each)} (1)`).join(',\n')}
`;
}

/** Pages by file name. */
export function manPages(version: string): ReadonlyMap<string, string> {
  const program = buildProgram();
  const commands = program
    .createHelp()
    .visibleCommands(program)
    .filter((command) => command.name() !== 'help');
  const names = commands.map((command) => `hopline-${command.name()}`);
  const pages: readonly Page[] = [
    { name: 'hopline', command: program, sections: [program], others: names },
    ...commands.map((command, place) => ({
      name: names[place]!,
      command,
      sections: withChildren(command),
      others: ['hopline'],
    })),
  ];
  return new Map(pages.map((page) => [`${page.name}.1`, render(page, version)]));
}
