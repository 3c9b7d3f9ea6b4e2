/** A host of a lab: what runs in its namespace, and the exact frames it can be made to send. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Program } from './program.ts';
import { attempt, type Outcome, type RunOptions, run } from './run.ts';
import type { HostSpec } from './topology.ts';
import { WIRE } from './wire.ts';

export class Host {
  readonly name: string;
  /** Path of its network namespace. */
  readonly netns: string;
  /** Files of its programs. */
  readonly folder: string;
  readonly #spec: HostSpec;
  readonly #programs: Program[];

  constructor(name: string, netns: string, folder: string, spec: HostSpec, programs: Program[]) {
    this.name = name;
    this.netns = netns;
    this.folder = folder;
    this.#spec = spec;
    this.#programs = programs;
  }

  #inside(command: string, args: readonly string[]): string[] {
    return [`--net=${this.netns}`, '--', command, ...args];
  }

  /** MAC of a leg; without a name that of its only one. */
  mac(nic: string = Object.keys(this.#spec.legs)[0] ?? ''): string {
    const mac = this.#spec.legs[nic]?.mac;
    if (mac === undefined) {
      throw new RangeError(`MAC of ${this.name}: it has no NIC called "${nic}"`);
    }
    return mac;
  }

  /** Output of a program that must succeed. */
  run(command: string, args: readonly string[], options?: RunOptions): Promise<string> {
    return run('nsenter', this.#inside(command, args), options);
  }

  /** Outcome of a program that may fail. */
  attempt(command: string, args: readonly string[], options?: RunOptions): Promise<Outcome> {
    return attempt('nsenter', this.#inside(command, args), options);
  }

  /** Starts a program that runs until it, or the lab, is stopped. */
  start(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Program {
    const program = new Program(`${this.name}: ${command}`, 'nsenter', this.#inside(command, args), env);
    this.#programs.push(program);
    return program;
  }

  /** Writes a file of this host; the path of it. */
  file(name: string, text: string): string {
    const path = join(this.folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  /** Sends frames as they are. */
  async send(nic: string, ...frames: readonly Uint8Array[]): Promise<void> {
    const input = frames.map((frame) => `${Buffer.from(frame).toString('hex')}\n`).join('');
    await run(WIRE, ['send', this.netns, nic], { input });
  }

  /** Waits until a program listens on a TCP or UDP port. @throws Error with its log when it ends or takes too long. */
  async listens(program: Program, port: number, protocol: 'tcp' | 'udp' = 'tcp', limit = 10_000): Promise<void> {
    const deadline = Date.now() + limit;
    const wanted = new RegExp(`:${port}\\s`);
    while (!wanted.test(await this.run('ss', ['-Hln', protocol === 'tcp' ? '-t' : '-u']))) {
      if (!program.running || Date.now() > deadline) {
        const cause = program.running ? `not in ${limit} ms` : 'it ended';
        throw new Error(
          `wait for ${program.name} to listen on ${protocol} ${port}: ${cause}; it wrote:\n${program.log}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
