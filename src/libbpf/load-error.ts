import { BpfError } from './errors.ts';
import { summarise } from './verifier-log.ts';

/** libbpf's first warning names the cause, those behind it what failed in consequence. */
const causeOf = (messages: readonly string[]): string | undefined => messages[0]?.replace(/^libbpf: /, '');

const refusedProgram = (messages: readonly string[]): string | undefined =>
  messages.map((text) => /prog '([^']+)': BPF program load failed/.exec(text)?.[1]).find(Boolean);

/** Why an object did not load: the verifier's reason where it was the verifier, else what libbpf said. */
export function loadError(path: string, result: number, messages: readonly string[], log: string): BpfError {
  const program = refusedProgram(messages);
  const object = program === undefined ? path : `${path}, program ${program}`;
  const summary = program === undefined ? undefined : summarise(log);
  if (summary === undefined) {
    return new BpfError('load', object, result, { cause: causeOf(messages), log: [...messages, log].join('\n') });
  }
  return new BpfError('load', object, result, {
    cause: `the verifier refused it: ${summary}`,
    hint: 'the whole log is in .log',
    log,
  });
}
