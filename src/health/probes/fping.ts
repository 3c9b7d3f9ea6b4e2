import { spawn } from 'node:child_process';
import { isIPv6 } from 'node:net';
import { socketAddress } from './connect.ts';
import type { ProbeTarget } from './types.ts';

/** Round trip in ms, or why there was none. */
export type Echo = { readonly milliseconds: number } | { readonly milliseconds?: undefined; readonly cause: string };

/** Sends one echo request. The signal ends what is still running. */
export type Pinger = (target: ProbeTarget, size: number, signal: AbortSignal) => Promise<Echo>;

interface Waiting {
  readonly address: string;
  readonly resolve: (echo: Echo) => void;
  readonly reject: (error: Error) => void;
  readonly signal: AbortSignal;
}

/** Batches that begin with the next turn of the event loop, by the arguments they have in common. */
const collected = new Map<string, Waiting[]>();

/**
 * ICMP echo by `fping`: Node has no raw sockets, and one process serves all targets of one turn of the event loop.
 * It needs CAP_NET_RAW, as the engine does.
 */
export const pingByFping: Pinger = (target, size, signal) =>
  new Promise((resolve, reject) => {
    const args = argumentsFor(target, size);
    const key = args.join('\0');
    let batch = collected.get(key);
    if (batch === undefined) {
      batch = [];
      collected.set(key, batch);
      setImmediate(() => {
        const members = collected.get(key) ?? [];
        collected.delete(key);
        run(args, members);
      });
    }
    batch.push({ address: socketAddress(target), resolve, reject, signal });
  });

/** One echo to each, 1 ms apart at most, each answer told as it comes. */
function argumentsFor(target: ProbeTarget, size: number): string[] {
  const { from, interface: nic, timeoutMs } = target;
  return [
    isIPv6(target.address.split('%')[0]!) ? '-6' : '-4',
    ...['-c', '1', '-i', '1', '-r', '0', '-t', String(timeoutMs), '-b', String(size)],
    ...(from === undefined ? [] : ['-S', from]),
    ...(nic === undefined ? [] : ['-I', nic]),
  ];
}

function run(args: readonly string[], batch: readonly Waiting[]): void {
  const waiting = Map.groupBy(batch, (one) => one.address);
  const child = spawn('fping', [...args, ...waiting.keys()], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<void>((resolve) => {
    child.on('close', () => resolve());
  });
  const answer = (address: string, echo: Echo): void => {
    const asking = waiting.get(address) ?? [];
    waiting.delete(address);
    const tell = (): void => {
      for (const one of asking) one.resolve(echo);
    };
    // Whoever is last sees the process off, so that nothing is left behind.
    if (waiting.size === 0) void ended.then(tell);
    else tell();
  };
  const giveUp = (): void => {
    if (batch.every((one) => one.signal.aborted)) child.kill('SIGKILL');
  };
  for (const one of batch) one.signal.addEventListener('abort', giveUp, { once: true });
  eachLine(child.stdout, (line) => {
    const [, address, time] = /^(\S+)\s*: \[0\], \d+ bytes, ([\d.]+) ms/.exec(line) ?? [];
    if (address !== undefined) answer(address, { milliseconds: Number(time) });
  });
  let said = '';
  eachLine(child.stderr, (line) => {
    const [, cause, address] = /^ICMP (.+) from \S+ for ICMP Echo sent to (\S+)/.exec(line) ?? [];
    if (address !== undefined) answer(address, { cause: cause!.toLowerCase() });
    else if (!line.includes('xmt/rcv')) said = line;
  });
  child.on('error', (error: NodeJS.ErrnoException) => {
    const missing = error.code === 'ENOENT' ? new Error('no program fping (apt-get install fping)') : error;
    for (const one of batch) one.reject(missing);
  });
  child.on('close', () => {
    for (const address of [...waiting.keys()]) answer(address, { cause: said || 'no answer' });
  });
}

function eachLine(stream: NodeJS.ReadableStream, take: (line: string) => void): void {
  let rest = '';
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop()!;
    for (const line of lines) take(line.trim());
  });
}
