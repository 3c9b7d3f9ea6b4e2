import { type ChildProcess, spawn } from 'node:child_process';
import { setPriority } from 'node:os';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { Failure } from '../api-types/failure.ts';
import type { DefinitionText } from '../api-types/operations.ts';
import { Turns } from '../control/serial-queue.ts';
import { definitionsIn, type Verdict } from './verdict.ts';

/** Memory in MB and time in ms in which definitions of several hundred thousand services are read. */
const MEMORY = 3072;
const TIME = 120_000;

/** One at a time: each may take a CPU and much memory. */
const turns = new Turns();

/**
 * The definitions in the body of a large request, judged by a process beside this one: to parse them here would hold up
 * every probe for seconds, and what V8 took for it would stay taken.
 * @throws Failure refused, with each problem at its line and what to try.
 */
export function judgeBeside(body: Buffer, gone: AbortSignal): Promise<DefinitionText> {
  return turns.take(async () => {
    gone.throwIfAborted();
    const child = spawn(
      process.execPath,
      ['--no-warnings', `--max-old-space-size=${MEMORY}`, process.argv[1]!, 'judge-request'],
      {
        stdio: ['pipe', 'pipe', 'ignore'],
        signal: AbortSignal.any([gone, AbortSignal.timeout(TIME)]),
        killSignal: 'SIGKILL',
      },
    );
    const ended = endOf(child);
    if (child.pid !== undefined) afterOthers(child.pid);
    // One that ends early takes no more of the body: its end says why.
    const sent = pipeline([body], child.stdin).catch(() => undefined);
    const [said, signal] = await Promise.all([buffer(child.stdout), ended, sent]);
    gone.throwIfAborted();
    const verdict = verdictIn(said, signal);
    if ('refused' in verdict) throw new Failure('refused', verdict.refused.message, verdict.refused.problems);
    return { ...definitionsIn(body), value: verdict.value };
  });
}

/** Resolves when it has ended: by which signal, if by one. @throws Error when it could not be started. */
function endOf(child: ChildProcess): Promise<NodeJS.Signals | null> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => (child.pid === undefined ? reject(error) : undefined));
    child.once('close', (_, signal) => resolve(signal));
  });
}

function verdictIn(said: Buffer, signal: NodeJS.Signals | null): Verdict {
  if (signal === null && said.length > 0) return JSON.parse(said.toString('utf8')) as Verdict;
  if (signal === null) throw new Error('read the definitions: the process that reads large ones failed');
  throw new Failure(
    'refused',
    `read the definitions: they need more than ${MEMORY} MB or ${TIME / 1000} s; nothing was changed (give each engine the services it serves)`,
  );
}

/** The controller goes before other programs; this does not. */
function afterOthers(pid: number): void {
  try {
    setPriority(pid, 0);
  } catch (error) {
    // It has ended already.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SYSTEM_ERROR') throw error;
  }
}
