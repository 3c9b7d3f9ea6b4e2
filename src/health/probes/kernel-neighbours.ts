import { setTimeout as pause } from 'node:timers/promises';
import { ipJson, runProgram } from '../../net/ip.ts';
import type { IpNeighbourRow } from '../../net/neighbours.ts';

/** The MAC that answers for an address now; undefined when the asker found that nobody does. */
export type NeighbourAsker = (nic: string, address: string, signal: AbortSignal) => Promise<string | undefined>;

interface Asked {
  readonly nic: string;
  readonly address: string;
  readonly signal: AbortSignal;
  readonly resolve: (mac: string | undefined) => void;
  readonly reject: (error: Error) => void;
}

/** Waits between looks at the table, in ms: an answer is there in less than one, a dead neighbour takes seconds. */
const FIRST_LOOK = 2;
const LONGEST_WAIT = 50;

let collected: Asked[] = [];

/**
 * Has the kernel ask anew, and watches its neighbour table. An entry with a MAC is put in the state PROBE, so that the
 * kernel asks at once and traffic goes on meanwhile; without one it is asked for from nothing. All that are asked in
 * one turn of the event loop share the processes.
 */
export const askKernel: NeighbourAsker = (nic, address, signal) =>
  new Promise((resolve, reject) => {
    if (collected.length === 0) setImmediate(askAll);
    collected.push({ nic, address, signal, resolve, reject });
  });

async function askAll(): Promise<void> {
  const asked = collected;
  collected = [];
  try {
    const before = await table();
    await runProgram('ip', ['-force', '-batch', '-'], asked.map((one) => command(one, before)).join('\n'));
    await watch(asked);
  } catch (error) {
    for (const one of asked) one.reject(error as Error);
  }
}

/** A line for `ip -batch`. An entry that the kernel keeps fresh for others stays such a one. */
function command({ nic, address }: Asked, before: ReadonlyMap<string, IpNeighbourRow>): string {
  const row = before.get(keyOf(nic, address));
  const managed = row !== undefined && 'managed' in row ? ' managed' : '';
  if (row?.lladdr === undefined) return `neighbour replace ${address} dev ${nic}${managed || ' use'}`;
  return `neighbour replace ${address} lladdr ${row.lladdr} dev ${nic} nud probe${managed}`;
}

async function watch(asked: readonly Asked[]): Promise<void> {
  let open = asked;
  for (let wait = FIRST_LOOK; ; wait = Math.min(2 * wait, LONGEST_WAIT)) {
    await pause(wait);
    open = open.filter((one) => !one.signal.aborted);
    if (open.length === 0) return;
    const rows = await table();
    open = open.filter((one) => {
      const row = rows.get(keyOf(one.nic, one.address));
      if (row?.state.includes('REACHABLE') && row.lladdr !== undefined) one.resolve(row.lladdr);
      else if (row === undefined || row.state.includes('FAILED')) one.resolve(undefined);
      else return true;
      return false;
    });
  }
}

async function table(): Promise<ReadonlyMap<string, IpNeighbourRow>> {
  const rows = await ipJson<IpNeighbourRow>('neighbour', 'show', 'nud', 'all');
  return new Map(rows.map((row) => [keyOf(row.dev, row.dst), row]));
}

function keyOf(nic: string, address: string): string {
  return `${nic} ${address}`;
}
