import { Failure, type FailureCode } from '../api-types/failure.ts';
import { PinError } from '../dataplane/pin-root.ts';

/** What error codes of the system mean for whoever asked. */
const MEANING: Readonly<Record<string, FailureCode>> = {
  EPERM: 'unable',
  EACCES: 'unable',
  EROFS: 'unable',
};

/** How a command ends because of an error of the tables; other errors stay what they are. */
export function explain(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof Failure) return error;
  const code = error instanceof PinError ? 'unable' : MEANING[(error as NodeJS.ErrnoException).code ?? ''];
  return code === undefined ? error : new Failure(code, error.message, [], { cause: error });
}
