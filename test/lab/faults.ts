/** Ways a device dies. Each strikes at once, and gives back its cure. */
import type { Host } from './host.ts';
import type { Program } from './program.ts';

/** Undoes a fault. */
export type Cure = () => Promise<void>;

async function ruled(host: Host, table: string, chains: readonly string[]): Promise<Cure> {
  await host.run('nft', ['-f', '-'], { input: `table ${table} {\n${chains.join('\n')}\n}\n` });
  return async () => {
    await host.run('nft', ['delete', 'table', ...table.split(' ')]);
  };
}

/** The NIC goes down; where its cable ends at the engine, the engine loses the link. */
export async function linkDown(host: Host, nic: string): Promise<Cure> {
  const routes = (await host.run('ip', ['route', 'show', 'dev', nic])).split('\n');
  await host.run('ip', ['link', 'set', nic, 'down']);
  return async () => {
    // The kernel forgot what went that way, but for the segment itself.
    const lost = routes.filter((route) => route.trim() !== '' && !route.includes('proto kernel'));
    const lines = [`link set ${nic} up`, ...lost.map((route) => `route replace ${route} dev ${nic}`)];
    await host.run('ip', ['-batch', '-'], { input: `${lines.join('\n')}\n` });
  };
}

/** The link is cut without a signal: the NICs stay up, and nothing arrives. */
export function cutSilently(host: Host, ...nics: readonly string[]): Promise<Cure> {
  return ruled(
    host,
    'netdev cut',
    nics.map((nic) => `chain ${nic} { type filter hook ingress device ${nic} priority -500; policy drop; }`),
  );
}

/** What comes in by this NIC is forwarded no more; the other direction is, and whatever is for the device itself. */
export function forwardsNothingFrom(host: Host, nic: string, family: 'inet' | 'bridge' = 'inet'): Promise<Cure> {
  return ruled(host, `${family} oneway`, [
    `chain forward { type filter hook forward priority -10; policy accept; iifname "${nic}" drop; }`,
  ]);
}

/** It answers for itself (ping, ARP), and forwards nothing. */
export function forwardsNothing(host: Host, family: 'inet' | 'bridge' = 'inet'): Promise<Cure> {
  return ruled(host, `${family} nothing`, ['chain forward { type filter hook forward priority -10; policy drop; }']);
}

/** The kernel of its host goes on accepting connections; nobody ever answers one. */
export function neverAnswers(program: Program): Cure {
  program.signal('SIGSTOP');
  return () => Promise.resolve(program.signal('SIGCONT'));
}

/** A server says nothing at a TCP port, not even no; it answers ping. */
export function ignoresPort(host: Host, port: number): Promise<Cure> {
  return ruled(host, 'inet silent', [
    `chain input { type filter hook input priority -10; policy accept; tcp dport ${port} drop; }`,
  ]);
}

/** A server lets nobody in any more; connections that it has go on. */
export function ignoresNewConnections(host: Host): Promise<Cure> {
  return ruled(host, 'inet full', [
    'chain input { type filter hook input priority -10; policy accept; tcp flags & (syn | ack) == syn drop; }',
  ]);
}
