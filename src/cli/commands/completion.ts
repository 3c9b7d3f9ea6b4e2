import { Argument, Command } from 'commander';
import { write } from '../cli.ts';

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

interface Words {
  /** "" for hopline itself, "service" or "service set" for what follows. */
  readonly path: string;
  readonly words: readonly string[];
}

function wordsOf(program: Command): readonly Words[] {
  const globals = program.options.flatMap(({ long }) => (long == null ? [] : [long]));
  const collect = (command: Command, path: string): Words[] => {
    const names = command.commands.map((child) => child.name());
    const options = command.options.flatMap(({ long }) => (long == null ? [] : [long]));
    const own = { path, words: [...names, ...options, ...(path === '' ? [] : globals), '--help'] };
    return [own, ...command.commands.flatMap((child) => collect(child, `${path} ${child.name()}`.trim()))];
  };
  return collect(program, '');
}

function caseLines(program: Command): string {
  return wordsOf(program)
    .map(({ path, words }) => `    "${path}") words="${words.join(' ')}" ;;\n`)
    .join('');
}

/** Names so far that are commands make the path; files are offered beside words, where a command takes arguments. */
function bashCompletion(program: Command): string {
  return `_hopline() {
  local current=\${COMP_WORDS[COMP_CWORD]} path="" words="" word place
  for ((place = 1; place < COMP_CWORD; place++)); do
    word=\${COMP_WORDS[place]}
    case "\${path:+$path }$word" in
    ${wordsOf(program)
      .map(({ path }) => path)
      .filter((path) => path !== '')
      .map((path) => `"${path}"`)
      .join('|')}) path="\${path:+$path }$word" ;;
    esac
  done
  case "$path" in
${caseLines(program)}  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _hopline hopline
`;
}

function zshCompletion(program: Command): string {
  return `#compdef hopline
autoload -U +X bashcompinit && bashcompinit
${bashCompletion(program)}`;
}
