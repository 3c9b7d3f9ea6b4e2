/** How commands end; the numbers are the exit codes of the CLI, the names are `code` in the control API. */
export const EXIT = {
  ok: 0,
  failed: 1,
  refused: 2,
  unable: 3,
  locked: 4,
  unreachable: 5,
} as const;

export type FailureCode = Exclude<keyof typeof EXIT, 'ok'>;

/** Explained in `--help` and in docs. */
export const EXIT_MEANING: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: 'done',
  failed: 'it did not work; the message says why',
  refused: 'the definitions (or the command line) are wrong; nothing was changed',
  unable: 'this machine cannot: not root, or the kernel is too old',
  locked: 'another process is changing this instance',
  unreachable: 'this command needs a running controller (hopline run)',
};

/** One thing that is wrong in the definitions, already a sentence with its place. */
export type Problem = string;

/** An error with the way a command ends because of it. */
export class Failure extends Error {
  readonly code: FailureCode;
  readonly problems: readonly Problem[];

  constructor(code: FailureCode, message: string, problems: readonly Problem[] = [], options?: ErrorOptions) {
    // What others typed stands in it: one line it must stay.
    super(message.replace(/\p{Cc}/gu, escaped), options);
    this.name = 'Failure';
    this.code = code;
    this.problems = problems;
  }
}

/** What was named is not there. */
export class Missing extends Failure {
  constructor(message: string) {
    super('failed', message);
    this.name = 'Missing';
  }
}

/** Who asks may not. */
export class Denied extends Failure {
  constructor(message: string) {
    super('unable', message);
    this.name = 'Denied';
  }
}

const escaped = (character: string): string => `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`;
