import { execFileSync } from 'node:child_process';

/** One veth pair: `engine` is the NIC a program is attached to, `far` its other end. */
export interface Cable {
  readonly engine: End;
  readonly far: End;
}

export interface End {
  readonly name: string;
  readonly ifindex: number;
  readonly mac: string;
}

let cables = 0;
const made: string[] = [];

export function ip(...args: string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8' });
}

function linkIndex(name: string): number {
  const [link] = JSON.parse(ip('-j', 'link', 'show', name)) as { ifindex: number }[];
  if (!link) throw new Error(`find interface ${name}: there is none`);
  return link.ifindex;
}

/** Makes a pair; `name` is the engine's end, the far end is called after it. Neither has an address, nor speaks by itself. */
export function cable(name: string): Cable {
  cables++;
  const number = [cables >> 8, cables & 255].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
  const engine = { name, mac: `02:00:00:${number}:01` };
  const far = { name: `${name}-far`, mac: `02:00:00:${number}:02` };
  ip('link', 'add', engine.name, 'address', engine.mac, 'type', 'veth', 'peer', 'name', far.name, 'address', far.mac);
  made.push(engine.name);
  for (const end of [engine, far]) ip('link', 'set', end.name, 'addrgenmode', 'none', 'up');
  const withIndex = (end: { name: string; mac: string }): End => ({ ...end, ifindex: linkIndex(end.name) });
  return { engine: withIndex(engine), far: withIndex(far) };
}

/** Takes away what {@link cable} made in this process, but for what went with a namespace. */
export function unplug(): void {
  const links = JSON.parse(ip('-j', 'link', 'show')) as { ifname: string }[];
  const there = new Set(links.map(({ ifname }) => ifname));
  for (const name of made.splice(0)) if (there.has(name)) ip('link', 'delete', name);
}
