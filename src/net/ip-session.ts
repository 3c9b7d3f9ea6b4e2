import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { whole } from './ip.ts';
import type { IpNeighbourRow } from './neighbours.ts';
import type { IpAddressRow } from './nics.ts';

/** What one reading tells. */
export interface IpRows {
  readonly addresses: readonly IpAddressRow[];
  readonly neighbours: readonly IpNeighbourRow[];
}

type Ip = ChildProcessByStdio<Writable, Readable, Readable>;

/**
 * Reads addresses and neighbours of this network namespace by one `ip` that stays: starting a program from a process
 * that holds 100,000 services keeps its event loop for 13 to 25 ms (measured; the kernel copies the page tables), asking
 * one that runs takes 1 ms.
 */
export class IpSession {
  #ip: Ip | undefined;
  #last: Promise<unknown> = Promise.resolve();
  /** Names by ifindex, as this `ip` has seen them: it remembers a name for ever. */
  #names = new Map<number, string>();

  /** One reading at a time. @throws Error `operation: cause (what to try)` */
  read(): Promise<IpRows> {
    const rows = this.#last.then(() => this.#read());
    this.#last = rows.catch(() => undefined);
    return rows;
  }

  async #read(): Promise<IpRows> {
    const rows = await whole(() => this.#askAgain());
    const isRenamed = rows.addresses.some(({ ifindex, ifname }) => (this.#names.get(ifindex) ?? ifname) !== ifname);
    this.#names = new Map(rows.addresses.map(({ ifindex, ifname }) => [ifindex, ifname]));
    if (!isRenamed) return rows;
    this.#ip?.stdin.end();
    this.#ip = undefined;
    return whole(() => this.#askAgain());
  }

  /** Once more where it ended while it was asked: that was no answer. */
  async #askAgain(): Promise<IpRows> {
    try {
      return await this.#ask();
    } catch (error) {
      if (!(error instanceof Ended)) throw error;
      return this.#ask();
    }
  }

  /** Neighbours come first, where there are any; the addresses of lo at least always do. */
  #ask(): Promise<IpRows> {
    this.#ip ??= this.#start();
    const ip = this.#ip;
    return new Promise((resolve, reject) => {
      let neighbours: readonly IpNeighbourRow[] = [];
      let complaint = '';
      const lines = createInterface({ input: ip.stdout });
      const done = (): void => {
        lines.close();
        ip.stdout.pause();
        ip.stderr.off('data', complain);
        ip.off('error', fail);
        ip.off('exit', end);
        hold(ip, false);
      };
      const fail = (error: NodeJS.ErrnoException): void => {
        done();
        if (this.#ip === ip) this.#ip = undefined;
        const cause = error.code === 'ENOENT' ? 'no such program (apt-get install iproute2)' : error.message;
        const Kind = error instanceof Ended ? Ended : Error;
        reject(new Kind(`ip -batch (address show, neighbour show): ${cause}`));
      };
      const end = (): void => fail(complaint.trim() === '' ? new Ended('it ended') : new Error(complaint.trim()));
      const complain = (text: Buffer): void => {
        complaint += text;
        fail(new Error(complaint.trim()));
        ip.kill();
      };
      lines.on('line', (line) => {
        const rows = rowsOf(line);
        if (rows instanceof Error) fail(rows);
        else if (rows[0] !== undefined && !('ifname' in rows[0])) neighbours = rows as readonly IpNeighbourRow[];
        else if (rows[0] !== undefined) {
          // A complaint was written before the list that it is about, and may be read after it.
          setImmediate(() => {
            done();
            resolve({ addresses: rows as readonly IpAddressRow[], neighbours });
          });
        }
      });
      ip.stderr.on('data', complain);
      ip.once('error', fail);
      ip.once('exit', end);
      hold(ip, true);
      ip.stdin.write('neighbour show\naddress show\n');
    });
  }

  #start(): Ip {
    this.#names = new Map();
    const ip = spawn('ip', ['-j', '-d', '-batch', '-'], { stdio: ['pipe', 'pipe', 'pipe'] });
    // It may be gone when it is written to: then it ends, and that is heard.
    ip.stdin.on('error', () => undefined);
    // Somebody may end it while nobody asks (the machine is out of memory, a terminal hangs up): the next to ask starts another.
    ip.once('exit', () => {
      if (this.#ip === ip) this.#ip = undefined;
    });
    return ip;
  }
}

/** It ended without a word. */
class Ended extends Error {}

function rowsOf(line: string): readonly (IpAddressRow | IpNeighbourRow)[] | Error {
  try {
    return line === '' ? [] : JSON.parse(line);
  } catch (error) {
    return new Error(`it wrote no JSON (${(error as Error).message})`);
  }
}

/** Whether the process waits for it: only while it is asked. */
function hold(ip: Ip, isNeeded: boolean): void {
  for (const each of [ip, ip.stdin, ip.stdout, ip.stderr] as unknown as { ref?(): void; unref?(): void }[]) {
    if (isNeeded) each.ref?.();
    else each.unref?.();
  }
}
