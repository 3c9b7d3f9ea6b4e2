/** Removes what labs leave behind: namespaces (with all in them), folders, pins. Synchronous, so that it also works on exit. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NAMESPACES = '/run/netns';
const PINS = '/sys/fs/bpf';
const RUN = '/run';

/** A lab's prefix: "hlab", the pid of its process, some letters. */
const PREFIX = /^hlab-(\d+)-[a-z0-9]+/;

const list = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);

function quietly(command: string, args: readonly string[], input = ''): string {
  try {
    return execFileSync(command, args, { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'] });
  } catch {
    // Another lab may be removing the same left-overs; what is really still there is found by the next sweep.
    return '';
  }
}

function killInside(netns: string): void {
  for (const pid of quietly('ip', ['netns', 'pids', netns]).split('\n').filter(Boolean)) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It ended by itself.
    }
  }
}

/** Removes everything of one lab, processes in its namespaces first. */
export function removeLab(prefix: string): void {
  const mine = (name: string): boolean =>
    name === prefix || name.startsWith(`${prefix}-`) || name.startsWith(`${prefix}.`);
  const namespaces = list(NAMESPACES).filter(mine);
  namespaces.forEach(killInside);
  quietly('ip', ['-force', '-batch', '-'], namespaces.map((name) => `netns del ${name}\n`).join(''));
  for (const folder of [tmpdir(), PINS, RUN]) {
    for (const name of list(folder).filter(mine)) {
      rmSync(join(folder, name), { recursive: true, force: true });
    }
  }
}

/** Removes labs whose process is gone. */
export function sweepStaleLabs(): void {
  const names = [...list(NAMESPACES), ...list(tmpdir()), ...list(PINS)];
  const prefixes = new Set(names.map((name) => PREFIX.exec(name)?.[0]).filter((prefix) => prefix !== undefined));
  for (const prefix of prefixes) {
    if (!existsSync(`/proc/${PREFIX.exec(prefix)?.[1]}`)) {
      removeLab(prefix);
    }
  }
}
