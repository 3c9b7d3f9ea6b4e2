/** How long a command takes from its start to its end, as it is installed from a package: `hopline status` of a controller. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ControllerProcess } from '../test/timed/controller.ts';
import { type Case, type Measure, median, rounded } from './results.ts';

const RUNS = 21;
const NAMES = { command: 'start/command', node: 'start/node' };

/** The files of a package in their places, by links. */
function installed(): string {
  const root = mkdtempSync(join(tmpdir(), 'hopline-installed-'));
  mkdirSync(join(root, 'bin'));
  copyFileSync('bin/hopline', join(root, 'bin/hopline'));
  symlinkSync(process.execPath, join(root, 'bin/node'));
  symlinkSync(resolve('.output/dist'), join(root, 'dist'));
  return root;
}

async function measure(): Promise<readonly Case[]> {
  const controller = new ControllerProcess();
  const root = installed();
  try {
    await controller.start();
    const timed = (program: string, ...args: readonly string[]): number => {
      const started = performance.now();
      execFileSync(program, args, { env: controller.environment, stdio: ['ignore', 'ignore', 'inherit'] });
      return (performance.now() - started) / 1000;
    };
    const runs: { command: number[]; node: number[] } = { command: [], node: [] };
    for (let round = 0; round <= RUNS; round++) {
      const command = timed(join(root, 'bin/hopline'), 'status');
      const node = timed(process.execPath, '-e', '0');
      // The first one reads the disk.
      if (round === 0) continue;
      runs.command.push(command);
      runs.node.push(node);
    }
    const figures = (each: number[]) => ({ runs: each.map((value) => rounded(value)), median: rounded(median(each)) });
    return [
      { name: NAMES.command, unit: 's', ...figures(runs.command), promised: 0.15 },
      { name: NAMES.node, unit: 's', ...figures(runs.node) },
    ];
  } finally {
    rmSync(root, { recursive: true });
    await controller.close();
  }
}

/** `start/node` is Node alone, which no command can undercut. */
export const startCases: readonly Measure[] = [{ names: Object.values(NAMES), run: measure }];
