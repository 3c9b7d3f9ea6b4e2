/** The way of one exchange through the legs of the engine, as a table for people. */
import type { CapturedFrame } from './capture.ts';
import type { Lab } from './lab.ts';

/** Host by MAC, under the name people know it by. */
function ownersOf(lab: Lab, names: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  const owners = new Map<string, string>();
  for (const nic of Object.keys(lab.topology.engine)) {
    owners.set(lab.engine.mac(nic), 'engine');
  }
  for (const [host, { legs }] of Object.entries(lab.topology.hosts)) {
    for (const nic of Object.keys(legs)) {
      owners.set(lab.host(host).mac(nic), names[host] ?? host);
    }
  }
  return owners;
}

function lineOf({ leg, fields: { ip, from, to } }: CapturedFrame, owners: ReadonlyMap<string, string>): string[] {
  return [
    leg,
    `${owners.get(from) ?? from} → ${owners.get(to) ?? to}`,
    ip?.protocol === 6 ? 'tcp' : 'udp',
    `${ip?.source}:${ip?.sourcePort}`,
    `${ip?.destination}:${ip?.destinationPort}`,
  ];
}

/** Every hop once, in the order it was first seen, with its packets; frames without ports are left out. */
export function journey(frames: readonly CapturedFrame[], lab: Lab, names: Readonly<Record<string, string>>): string {
  const owners = ownersOf(lab, names);
  const hops = new Map<string, { readonly cells: string[]; count: number }>();
  for (const frame of frames.filter((each) => each.fields.ip?.sourcePort !== undefined)) {
    const cells = lineOf(frame, owners);
    const hop = hops.get(cells.join()) ?? { cells, count: 0 };
    hop.count += 1;
    hops.set(cells.join(), hop);
  }
  const rows = [
    ['leg', 'hop', '', 'from', 'to', 'packets'],
    ...[...hops.values()].map(({ cells, count }) => [...cells, String(count)]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
