import { Argument, Command } from 'commander';
import { write } from '../output.ts';

/** `hopline completion bash|zsh`: made from the commands themselves, so it cannot lag behind. */
export function completionCommand(program: Command): Command {
  return new Command('completion')
    .description('print completion for your shell')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh']))
    .addHelpText(
      'after',
      '\nExamples:\n  source <(hopline completion bash)\n  hopline completion zsh > ~/.zfunc/_hopline\n',
    )
    .action((shell: 'bash' | 'zsh') => write(shell === 'bash' ? bashCompletion(program) : zshCompletion(program)));
}

/** What stands in the place of an argument, by the name it is declared with. Names of `names` are asked for, NICs listed. */
const KINDS: Readonly<Record<string, string>> = {
  device: 'device',
  by: 'device',
  member: 'device',
  pool: 'pool',
  map: 'map',
  nic: 'nic',
};

interface Words {
  /** "" for hopline itself, "service" or "service set" for what follows. */
  readonly path: string;
  readonly words: readonly string[];
  /** What its arguments name, in their order; "-" for anything else. The last one repeated is marked with "...". */
  readonly kinds: readonly string[];
}

const longOf = (command: Command): string[] => command.options.flatMap(({ long }) => (long == null ? [] : [long]));

function kindsOf(command: Command): string[] {
  const kinds = command.registeredArguments.map((argument) => {
    const kind = argument.name() === 'name' ? command.parent!.name() : (KINDS[argument.name()] ?? '-');
    return argument.variadic ? `${kind}...` : kind;
  });
  return kinds.some((kind) => kind !== '-') ? kinds : [];
}

function wordsOf(program: Command): readonly Words[] {
  const globals = longOf(program);
  const collect = (command: Command, path: string): Words[] => {
    const names = command
      .createHelp()
      .visibleCommands(command)
      .map((child) => child.name());
    const words = [...names, ...longOf(command), ...(path === '' ? [] : globals), '--help'];
    const own = { path, words, kinds: kindsOf(command) };
    return [own, ...command.commands.flatMap((child) => collect(child, `${path} ${child.name()}`.trim()))];
  };
  return collect(program, '');
}

function caseLines(program: Command): string {
  return wordsOf(program)
    .map(({ path, words, kinds }) => {
      const asked = kinds.length === 0 ? '' : ` kinds=(${kinds.join(' ')})`;
      return `    "${path}") words="${words.join(' ')}"${asked} ;;\n`;
    })
    .join('');
}

/** Options that a value follows: they are no arguments. Where the engine is, names must be asked for in the same place. */
function valued(program: Command): string {
  const taking = (command: Command): string[] =>
    [
      ...command.options.filter((option) => option.required).flatMap(({ long, short }) => [long, short]),
      ...command.commands.flatMap(taking),
    ].filter((name): name is string => name != null);
  return [...new Set(taking(program))].join('|');
}

/** Names so far that are commands make the path; files are offered beside words, where a command takes arguments. */
function bashCompletion(program: Command): string {
  return `_hopline() {
  local current=\${COMP_WORDS[COMP_CWORD]} path="" words="" kinds=() word place given=0 kind names="" engine=()
  for ((place = 1; place < COMP_CWORD; place++)); do
    word=\${COMP_WORDS[place]}
    case "$word" in
    --instance|--socket) engine+=("$word" "\${COMP_WORDS[place + 1]}"); ((place++)); continue ;;
    ${valued(program)}) ((place++)); continue ;;
    -*) continue ;;
    esac
    case "\${path:+$path }$word" in
    ${wordsOf(program)
      .map(({ path }) => path)
      .filter((path) => path !== '')
      .map((path) => `"${path}"`)
      .join('|')}) path="\${path:+$path }$word" given=0 ;;
    *) ((given++)) ;;
    esac
  done
  case "$path" in
${caseLines(program)}  esac
  kind=\${kinds[given]}
  [[ -z $kind && \${#kinds[@]} -gt 0 && \${kinds[-1]} == *... ]] && kind=\${kinds[-1]}
  case "\${kind%...}" in
  ''|-) ;;
  nic) names=$(command ls /sys/class/net 2>/dev/null) ;;
  *) [[ $current == -* ]] || names=$(hopline "\${engine[@]}" names "$kind" 2>/dev/null) ;;
  esac
  COMPREPLY=($(compgen -W "$names $words" -- "$current"))
}
complete -o default -F _hopline hopline
`;
}

function zshCompletion(program: Command): string {
  return `#compdef hopline
autoload -U +X bashcompinit && bashcompinit
${bashCompletion(program)}`;
}
