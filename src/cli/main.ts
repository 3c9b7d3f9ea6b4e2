import { CommanderError } from 'commander';
import { EXIT, Failure } from '../api-types/failure.ts';
import { explain } from '../views/explain-error.ts';
import { buildProgram } from './program.ts';

/** Ends a command: one clear sentence on standard error, what is wrong in the definitions line by line, an exit code. */
function report(thrown: unknown): number {
  const error = explain(thrown);
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.refused;
  if (error instanceof Failure) {
    for (const problem of error.problems) process.stderr.write(`${problem}\n`);
    process.stderr.write(`hopline: ${error.message}\n`);
    return EXIT[error.code];
  }
  process.stderr.write(`hopline: ${error instanceof Error ? error.message : String(error)}\n`);
  if (process.env.HOPLINE_DEBUG !== undefined && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return EXIT.failed;
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // `hopline ... | head` closes the pipe: that is no failure.
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

buildProgram()
  .parseAsync(process.argv)
  .catch((error) => {
    process.exitCode = report(error);
  });
