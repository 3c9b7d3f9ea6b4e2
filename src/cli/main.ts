import { CommanderError } from 'commander';
import { EXIT, Failure } from '../api-types/failure.ts';
import { explain } from '../views/explain-error.ts';
import { mindOutput, say } from './output.ts';
import { buildProgram } from './program.ts';

/** Ends a command: one clear sentence on standard error, what is wrong in the definitions line by line, an exit code. */
function report(thrown: unknown): number {
  const error = explain(thrown);
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.refused;
  if (error instanceof Failure) {
    for (const problem of error.problems) say(`${problem}\n`);
    say(`hopline: ${error.message}\n`);
    return EXIT[error.code];
  }
  say(`hopline: ${error instanceof Error ? error.message : String(error)}\n`);
  if (process.env.HOPLINE_DEBUG !== undefined && error instanceof Error) say(`${error.stack}\n`);
  return EXIT.failed;
}

mindOutput();

/** What the controller has done beside itself (src/daemon/beside.ts) is no command for people. */
async function run(): Promise<unknown> {
  if (process.argv[2] === 'judge-request') return (await import('../daemon/verdict.ts')).judgeInput();
  return buildProgram().parseAsync(process.argv);
}

run().catch((error) => {
  process.exitCode = report(error);
});
