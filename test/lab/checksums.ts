/** What the kernels of the hosts say about checksums: 0 wrong ones, or something rewrote packets badly. */
import type { Host } from './host.ts';

const COUNTERS = /^(Tcp|Udp|UdpLite|Icmp):.*\n\1:.*$/gm;

/** Wrong checksums a host has received, by counter: {"Tcp InCsumErrors": 0, ...}. */
export async function checksumErrors(host: Host): Promise<Readonly<Record<string, number>>> {
  const text = await host.run('cat', ['/proc/net/snmp', '/proc/net/snmp6']);
  const counts: Record<string, number> = {};
  for (const [pair] of text.matchAll(COUNTERS)) {
    const [names = [], values = []] = pair.split('\n').map((line) => line.split(/\s+/));
    counts[`${names[0]} InCsumErrors`] = Number(values[names.indexOf('InCsumErrors')]);
  }
  for (const [, name, value] of text.matchAll(/^(\w+6InCsumErrors)\s+(\d+)$/gm)) {
    counts[`${name}`] = Number(value);
  }
  return counts;
}

/** @throws Error naming every host that has received a wrong checksum. */
export async function expectNoChecksumErrors(hosts: Iterable<Host>): Promise<void> {
  const wrong: string[] = [];
  await Promise.all(
    [...hosts].map(async (host) => {
      for (const [counter, count] of Object.entries(await checksumErrors(host))) {
        if (count !== 0) {
          wrong.push(`${host.name}: ${counter} ${count}`);
        }
      }
    }),
  );
  if (wrong.length > 0) {
    throw new Error(`check checksums: wrong ones were received (${wrong.join('; ')})`);
  }
}
