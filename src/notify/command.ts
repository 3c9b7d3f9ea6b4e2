import { spawn } from 'node:child_process';
import { setPriority } from 'node:os';
import type { ToldEvent } from '../health/types.ts';
import { LAST_MOMENT, type Report, type Way } from './notifier.ts';
import { BoundedQueue } from './queue.ts';

export interface CommandOptions {
  /** Program and arguments; no shell in between. */
  readonly argv: readonly string[];
  /** Who tells: the engine's name and the machine's. */
  readonly from: { readonly instance: string; readonly host: string };
  /** After this it is killed with all it started, in ms. */
  readonly limit?: number;
  readonly parallel?: number;
  readonly room?: number;
}

/** Runs the user's own program for each event: it finds the event as JSON on standard input, and its fields in HOPLINE_*. */
export function command(options: CommandOptions, report: Report): Way {
  const { argv, from, limit = 10_000, parallel = 4, room = 1000 } = options;
  const name = argv[0]!;
  const running = new Set<number>();
  const queue = new BoundedQueue<ToldEvent>({ parallel, room }, async (event) => {
    const why = await run(argv, event, { from, limit }, running);
    if (why === undefined) report('delivered');
    else report('failed', `run ${name}: ${why}`);
  });
  return {
    tell(event) {
      if (!queue.add(event)) report('dropped', `run ${name}: ${room} events wait already (does it end?)`);
    },
    async stop() {
      const timer = setTimeout(() => {
        for (let left = queue.clear(); left > 0; left--) report('dropped', `run ${name}: the controller ended`);
        for (const pid of running) killGroup(pid);
      }, LAST_MOMENT);
      await queue.idle();
      clearTimeout(timer);
    },
  };
}

/** @returns why it did not go well. */
function run(
  [program, ...args]: readonly string[],
  event: ToldEvent,
  { from, limit }: Required<Pick<CommandOptions, 'from' | 'limit'>>,
  running: Set<number>,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    // A group of its own, so that whatever it starts can be ended with it.
    const child = spawn(program!, args, {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      env: { ...process.env, ...environment(event), HOPLINE_INSTANCE: from.instance, HOPLINE_HOST: from.host },
    });
    const { pid } = child;
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      killGroup(pid);
    }, limit);
    const end = (why: string | undefined): void => {
      clearTimeout(timer);
      if (pid !== undefined) running.delete(pid);
      resolve(why);
    };
    if (pid !== undefined) {
      running.add(pid);
      asOthers(pid);
    }
    child.once('error', (error) => end(error.message));
    child.once('exit', (code, signal) => {
      if (late) end(`it did not end in ${limit} ms and was killed`);
      else if (signal !== null) end(`ended by ${signal}`);
      else end(code === 0 ? undefined : `exit code ${code}`);
    });
    // One that reads nothing has ended before it was told: no failure of its own.
    child.stdin.on('error', () => undefined);
    child.stdin.end(`${JSON.stringify({ ...from, ...event })}\n`);
  });
}

/** HOPLINE_TIME, HOPLINE_WHAT, HOPLINE_DEVICE, HOPLINE_POOL, HOPLINE_FROM, HOPLINE_TO, HOPLINE_REASON, HOPLINE_TRIGGER … */
function environment(event: ToldEvent): Record<string, string> {
  return Object.fromEntries(
    Object.entries(event).map(([field, value]) => [`HOPLINE_${field.toUpperCase()}`, String(value)]),
  );
}

/** The controller goes before other programs; what it tells does not. */
function asOthers(pid: number): void {
  try {
    setPriority(pid, 0);
  } catch (error) {
    // It has ended already.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SYSTEM_ERROR') throw error;
  }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
