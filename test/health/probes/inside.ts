/** Runs one of our runners in a network namespace of its own; returns the lines of JSON it printed. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

export async function inside<Line>(runner: string): Promise<readonly Line[]> {
  // A namespace of processes too: whatever forks away there ends with it.
  const args = ['--net', '--pid', '--fork', '--kill-child', '--mount-proc', process.execPath];
  const { stdout } = await promisify(execFile)('unshare', [...args, join(import.meta.dirname, runner)], {
    maxBuffer: 1 << 26,
    timeout: 110_000,
  });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}
