import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { type End, ip } from './cable.ts';

let count = 0;

/** A network namespace of this process, for one device; gone with {@link close}. */
export class Namespace {
  readonly name = `hoptraffic${process.pid}-${++count}`;
  readonly #programs: ChildProcess[] = [];

  /** Takes these NICs over and switches them on; programs attached to them stay. */
  constructor(...nics: readonly End[]) {
    ip('netns', 'add', this.name);
    this.run('sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1', 'net.ipv6.conf.default.disable_ipv6=1');
    this.run('ip', 'link', 'set', 'lo', 'up');
    for (const { name } of nics) {
      ip('link', 'set', name, 'netns', this.name);
      this.run('ip', 'link', 'set', name, 'up');
    }
  }

  /** Its output. @throws Error when it fails. */
  run(...command: readonly string[]): string {
    return execFileSync('nsenter', this.#inside(command), { encoding: 'utf8' });
  }

  /** As {@link run}, where /sys must be the namespace's own. */
  runWithSys(...command: readonly string[]): string {
    return ip('netns', 'exec', this.name, ...command);
  }

  /** A program that runs until it is killed; its standard input is written to. */
  start(...command: readonly string[]): ChildProcess {
    const child = spawn('nsenter', this.#inside(command), { stdio: ['pipe', 'inherit', 'inherit'] });
    this.#programs.push(child);
    return child;
  }

  close(): void {
    for (const program of this.#programs) program.kill('SIGKILL');
    ip('netns', 'delete', this.name);
  }

  #inside(command: readonly string[]): string[] {
    return [`--net=/run/netns/${this.name}`, '--', ...command];
  }
}
