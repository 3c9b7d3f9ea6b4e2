import { EXIT } from '../api-types/failure.ts';
import { visible } from '../terms/invisible.ts';

const ended = new AbortController();
const broken = new Set<NodeJS.WriteStream>();

/** Nobody reads standard output any more: who would go on for ever ends. */
export const outputEnded: AbortSignal = ended.signal;

/** Writes to standard output: nothing that could command a terminal, whoever it came from. */
export function write(text: string): void {
  put(process.stdout, text);
}

/** Writes to standard error; what is said quotes files and devices. */
export function say(text: string): void {
  put(process.stderr, text);
}

function put(stream: NodeJS.WriteStream, text: string): void {
  if (!broken.has(stream)) stream.write(visible(text));
}

/**
 * A reader that went away (`hopline … | head`) is no failure: the command ends as it would have ended. A disk that is full is one,
 * told in a sentence; where standard error itself takes nothing, there is nobody to tell.
 */
export function mindOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (!isGone(error) && !broken.has(process.stdout)) {
      say(`hopline: write to standard output: ${error.message}\n`);
      process.once('exit', () => {
        process.exitCode = EXIT.failed;
      });
    }
    broken.add(process.stdout);
    ended.abort();
  });
  process.stderr.on('error', () => broken.add(process.stderr));
}

const isGone = ({ code }: NodeJS.ErrnoException): boolean => code === 'EPIPE' || code === 'ECONNRESET';

/** An empty screen to write on; nothing where standard output is none. */
export function clearScreen(): void {
  if (process.stdout.isTTY && !broken.has(process.stdout)) process.stdout.write('\u001b[H\u001b[2J');
}
