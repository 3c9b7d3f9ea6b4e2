import { execFile } from 'node:child_process';

const OUTPUT_LIMIT = 64 * 1024 * 1024;
/** A NIC comes or goes in milliseconds; the next list is whole unless the next one does. */
const ATTEMPTS = 50;

/** What `ip` says on standard error, and ends with 0, where something came or went while the kernel listed it (NLM_F_DUMP_INTR). */
const isInterrupted = (complaint: string): boolean => complaint.includes('Dump was interrupted');

/** Lists again what the kernel could not list whole. */
export async function whole<List>(list: () => Promise<List>): Promise<List> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await list();
    } catch (error) {
      if (attempt === ATTEMPTS || !isInterrupted((error as Error).message)) throw error;
    }
  }
}

/**
 * Runs a program of the system and returns what it wrote.
 * @throws Error `operation: cause (what to try)` when it is missing or ends with another code than 0.
 */
export async function runProgram(program: string, args: readonly string[], input?: string): Promise<string> {
  return (await run(program, args, input)).stdout;
}

/** `ip -j -d ARGS`, parsed. iproute2 writes nothing at all where there is nothing to list. */
export function ipJson<Row>(...args: readonly string[]): Promise<readonly Row[]> {
  return whole(async () => {
    const { stdout, stderr } = await run('ip', ['-j', '-d', ...args]);
    if (isInterrupted(stderr)) throw new Error(`ip ${args.join(' ')}: ${stderr.trim()}`);
    return stdout.trim() === '' ? [] : (JSON.parse(stdout) as Row[]);
  });
}

interface Written {
  readonly stdout: string;
  readonly stderr: string;
}

function run(program: string, args: readonly string[], input?: string): Promise<Written> {
  const operation = `${program} ${args.join(' ')}`;
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { maxBuffer: OUTPUT_LIMIT }, (error, stdout, stderr) => {
      if (error === null) resolve({ stdout, stderr });
      else if (error.code === 'ENOENT')
        reject(new Error(`${operation}: no such program (apt-get install ${packageOf(program)})`));
      else reject(new Error(`${operation}: ${stderr.trim() || error.message}`));
    });
    if (input !== undefined) child.stdin?.end(input);
  });
}

function packageOf(program: string): string {
  return program === 'ip' ? 'iproute2' : program;
}
