import { spawn } from 'node:child_process';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CommandExpectation } from '../../terms/health/expectations.ts';
import { attempt } from './attempt.ts';
import { checkContent } from './content.ts';
import { excerpt, ProbeFailure } from './failure.ts';
import type { Probe, ProbeTarget } from './types.ts';

const OUTPUT_MOST = 64 * 1024;
/** One for each of the two pipes, and one for what was read in the turn in which the program ended. */
const QUIET_TURNS = 3;

/**
 * Runs the user's own program. It finds the target in HOPLINE_ADDRESS, HOPLINE_PORT, HOPLINE_FROM, HOPLINE_INTERFACE and
 * HOPLINE_TIMEOUT_MS, is a process group of its own, and is killed with all it started when time is up.
 */
export const probeCommand: Probe<CommandExpectation> = (target, expectation) =>
  attempt(target, async (held) => {
    const [program, ...args] = expectation.run;
    if (program === undefined) throw new ProbeFailure('no program given');
    held.stage = `running ${program}`;
    const child = spawn(program, args, {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment(target) },
    });
    const gone = new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.once('error', () => resolve());
    });
    held.defer(async () => {
      killGroup(child.pid);
      await gone;
      child.stdout.destroy();
      child.stderr.destroy();
    });
    let output = '';
    const keep = (chunk: Buffer): void => {
      if (output.length < OUTPUT_MOST) output += chunk.toString();
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const [code, signal] = await new Promise<[number | null, string | null]>((resolve, reject) => {
      child.once('error', reject);
      // Not "close": whatever it left behind may keep its output open.
      child.once('exit', (...ending) => resolve(ending));
    });
    await allRead(() => output.length);
    if (signal !== null) throw new ProbeFailure(`ended by ${signal}`);
    if (code !== (expectation.exit ?? 0)) throw new ProbeFailure(`exit code ${code}: ${excerpt(output.trim())}`);
    checkContent('the output', output, expectation.output);
    return output.trim().split('\n')[0] || `exit code ${code}`;
  });

/** Waits until what lay in the pipes when the program ended has been read: turns of the event loop that bring no more. */
async function allRead(size: () => number): Promise<void> {
  let quiet = 0;
  for (let before = size(); quiet < QUIET_TURNS && before < OUTPUT_MOST; before = size()) {
    await nextTurn();
    quiet = size() === before ? quiet + 1 : 0;
  }
}

function environment(target: ProbeTarget): Record<string, string> {
  const { address, port, from, interface: nic, timeoutMs } = target;
  return {
    HOPLINE_ADDRESS: address,
    HOPLINE_PORT: String(port ?? ''),
    HOPLINE_FROM: from ?? '',
    HOPLINE_INTERFACE: nic ?? '',
    HOPLINE_TIMEOUT_MS: String(timeoutMs),
  };
}

/** What it left running goes too, also after it ended by itself. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
