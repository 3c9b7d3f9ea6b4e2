/** docs/benchmarks.md, made from bench/results.json. */
import { writeFileSync } from 'node:fs';
import { readResults } from './results.ts';

const HEAD = `# Benchmarks

Made by \`make bench\` from bench/results.json; do not edit. Read the ratios: the numbers are those of one small machine.

Frames are 64 bytes with their check sum, numbered, made by an XDP generator as live frames, sent into a veth, forwarded
by the engine to another veth, and counted by an XDP sink at its far end; generator, engine and sink share the machine.
The **ceiling** is a bare redirect over the same kind of path, measured in turn with each case, five times; **ratio** is the
median of the pairs. \`forward/services=N\` sends every frame to a random one of N services. \`legs=N\`: the sender is one among
N on its interface. \`peer/nftables-dnat\` is the kernel's forwarding with nftables DNAT and conntrack, doing the same job.
`;

/** Writes the page. */
export function writePage(results: string, page: string): void {
  const { machine, cases } = readResults(results);
  const facts = Object.entries(machine).map(([name, value]) => `${name} ${value}`);
  const rows = cases.map(({ name, unit, median, ceiling, ratio, promised, runs }) => {
    const target = promised === undefined ? '' : `${ratio === undefined ? '≤' : '≥'} ${promised}`;
    return `| ${name} | ${median} ${unit} | ${ceiling ?? ''} | ${ratio ?? ''} | ${target} | ${runs.join(', ')} |`;
  });
  const table = ['| case | median | ceiling | ratio | promised | runs |', '|---|---|---|---|---|---|', ...rows];
  writeFileSync(page, `${HEAD}\nMachine: ${facts.join(', ')}.\n\n${table.join('\n')}\n`);
}
