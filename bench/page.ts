/** docs/benchmarks.md, made from bench/results.json. */
import { writeFileSync } from 'node:fs';
import { type Measured, readResults, type Tried } from './results.ts';

const HEAD = `# Benchmarks

Made by \`make bench\` from bench/results.json; do not edit. Read the ratios: the numbers are those of one small machine.

Frames are 64 bytes with their check sum, numbered, made by an XDP generator as live frames, sent into a veth, forwarded
by the engine to another veth, and counted by an XDP sink at its far end; generator, engine and sink share the machine.
The **ceiling** is a bare redirect over the same kind of path, measured in turn with each case, five times, in slices of
200,000 frames; **ratio** is the median of the pairs. **Stolen** is the share of CPU time that the host gave to other virtual
machines meanwhile; a case that lost more than 5 % is measured again, at most twice, and the least disturbed one counts.

\`change\`: one of 100,000 services gets another server, 50 times right after all were applied; the worst of them counts.

\`start/command\`: \`hopline status\` of a running controller, as installed from a package, from its start to its end;
\`start/node\`: Node alone doing nothing, in turn with it.

\`forward/services=N\` sends every frame to a random one of N services. \`legs=N\`: the sender is one among N on its
interface. \`peer/nftables-dnat\` is the kernel's forwarding with nftables DNAT and conntrack, doing the same job.
`;

const FAILOVERS = `## Fail-over

From the failure to the first packet through the alternate, on the wire: the time is taken before the call that makes the
device fail, and by the XDP program that the packet reaches; both are CLOCK_MONOTONIC. 5,000 numbered frames a second; **lost** are the
frames that no sink saw. The device that works dies at a phase of its probes that nobody chose, and takes turns with the other.
A trial during which the kernel counted stolen CPU time (10 ms or more, by /proc/stat, from the failure to the first packet) is **disturbed**, and is made
again: 100 others count, where 300 in all are enough for that. p99 with the disturbed ones is given beside.

- \`failover/inline-silent\`: a Linux bridge between two veth pairs, whose port is disabled: nothing is carried either way, the links stay up.
  Default probes, through the device every 50 ms; \`10ms\`: every 10 ms; \`services=N\`: with N services on the firewall.
- \`failover/server-killed\`: a TCP server's process is killed; handshakes every 50 ms. Lost are the frames that still reached its host.
- \`failover/store\`: from when the state machine is told what makes the device dead to the last store into the tables, without traffic;
  \`busy\`: in the trials above, whose traffic is made on the same CPUs.
- \`probes/devices=1000\`: CPU of the controller, by getrusage, for 1,000 bridging devices on 100 pairs of NICs, asked
  through both ways every 50 ms; every probe is answered.
`;

const stolenCell = (stolen: number | undefined): string => (stolen === undefined ? '' : `${stolen} %`);

function measuredTable(cases: readonly Measured[]): string[] {
  const rows = cases.map(({ name, unit, median, worst, ceiling, ratio, promised, runs, stolen }) => {
    const target = promised === undefined ? '' : `${ratio === undefined ? '≤' : '≥'} ${promised}`;
    const longest = worst === undefined ? '' : `, worst ${worst} ${unit}`;
    return `| ${name} | ${median} ${unit}${longest} | ${ceiling ?? ''} | ${ratio ?? ''} | ${target} | ${runs.join(', ')} | ${stolenCell(stolen)} |`;
  });
  return ['| case | median | ceiling | ratio | promised | runs | stolen |', '|---|---|---|---|---|---|---|', ...rows];
}

function triedTable(cases: readonly Tried[]): string[] {
  const rows = cases.map(({ name, unit, trials, p50, p99, max, lost, disturbed, promised, stolen }) => {
    const frames = lost === undefined ? ' | ' : `${lost.p50} | ${lost.max}`;
    const others = disturbed === undefined ? ' | ' : `${disturbed.trials} | ${disturbed.p99} ${unit}`;
    const target = promised === undefined ? '' : `p99 ≤ ${promised} ${unit}`;
    return `| ${name} | ${trials} | ${p50} ${unit} | ${p99} ${unit} | ${max} ${unit} | ${target} | ${frames} | ${others} | ${stolenCell(stolen)} |`;
  });
  const head =
    '| case | trials | p50 | p99 | max | promised | lost, p50 | lost, max | disturbed | p99 with them | stolen |';
  return [head, '|---|---|---|---|---|---|---|---|---|---|---|', ...rows];
}

/** Writes the page. */
export function writePage(results: string, page: string): void {
  const { machine, cases } = readResults(results);
  const facts = Object.entries(machine).map(([name, value]) => `${name} ${value}`);
  const measured = cases.filter((each): each is Measured => !('trials' in each));
  const tried = cases.filter((each): each is Tried => 'trials' in each);
  const tables = [...measuredTable(measured), '', FAILOVERS, ...triedTable(tried)];
  writeFileSync(page, `${HEAD}\nMachine: ${facts.join(', ')}.\n\n${tables.join('\n')}\n`);
}
