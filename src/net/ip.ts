import { execFile } from 'node:child_process';

const OUTPUT_LIMIT = 64 * 1024 * 1024;

/**
 * Runs a program of the system and returns what it wrote.
 * @throws Error `operation: cause (what to try)` when it is missing or ends with another code than 0.
 */
export function runProgram(program: string, args: readonly string[], input?: string): Promise<string> {
  const operation = `${program} ${args.join(' ')}`;
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { maxBuffer: OUTPUT_LIMIT }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if (error.code === 'ENOENT')
        reject(new Error(`${operation}: no such program (apt-get install ${packageOf(program)})`));
      else reject(new Error(`${operation}: ${stderr.trim() || error.message}`));
    });
    if (input !== undefined) child.stdin?.end(input);
  });
}

/** `ip -j -d ARGS`, parsed. iproute2 writes nothing at all where there is nothing to list. */
export async function ipJson<Row>(...args: readonly string[]): Promise<readonly Row[]> {
  const text = await runProgram('ip', ['-j', '-d', ...args]);
  return text.trim() === '' ? [] : (JSON.parse(text) as Row[]);
}

function packageOf(program: string): string {
  return program === 'ip' ? 'iproute2' : program;
}
