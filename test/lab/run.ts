/** Runs one program to its end, in a namespace or outside. */
import { execFile } from 'node:child_process';

export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  /** Exit code; -1 when it was killed (time limit or signal). */
  readonly code: number;
}

export interface RunOptions {
  readonly input?: string;
  /** Milliseconds until it is killed; default 20,000. */
  readonly limit?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** What a program says and how it ends; failing is an outcome like any other. */
export function attempt(command: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    const settings = {
      timeout: options.limit ?? 20_000,
      killSignal: 'SIGKILL',
      maxBuffer: 64 << 20,
      env: { ...process.env, ...options.env },
    } as const;
    const child = execFile(command, args, settings, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ stdout, stderr: error && stderr === '' ? error.message : stderr, code });
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.input ?? '');
  });
}

/**
 * What a program writes to its standard output.
 * @throws Error with its standard error when it fails or takes too long.
 */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const outcome = await attempt(command, args, options);
  if (outcome.code !== 0) {
    const said = (outcome.stderr || outcome.stdout).trim();
    throw new Error(
      `run ${[command, ...args].join(' ')}: ${outcome.code === -1 ? 'killed' : `exit ${outcome.code}`}: ${said}`,
    );
  }
  return outcome.stdout;
}
