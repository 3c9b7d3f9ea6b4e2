/** Devices in namespaces of their own, around the engine in this one: bridges, routers, web servers. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';

/** A namespace with a shell that does what it is told at once. */
export class Box {
  readonly #shell: ChildProcess;

  constructor() {
    this.#shell = spawn('unshare', ['--net', 'sh'], { stdio: ['pipe', 'ignore', 'inherit'], detached: true });
  }

  get pid(): number {
    return this.#shell.pid!;
  }

  /** Waits until it is there: its namespace is not this one. */
  async ready(): Promise<void> {
    const own = namespaceOf('self');
    while (namespaceOf(this.pid) === own) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  /** Does not wait. */
  tell(line: string): void {
    this.#shell.stdin!.write(`${line}\n`);
  }

  run(command: string, args: readonly string[], input?: string): void {
    execFileSync('nsenter', ['-t', String(this.pid), '-n', command, ...args], {
      input,
      stdio: ['pipe', 'ignore', 'inherit'],
    });
  }

  /** With all it started. */
  end(): void {
    process.kill(-this.pid, 'SIGKILL');
  }
}

const namespaceOf = (pid: number | 'self'): string => execFileSync('readlink', [`/proc/${pid}/ns/net`]).toString();

const here = (lines: readonly string[]): void => {
  execFileSync('ip', ['-batch', '-'], { input: lines.join('\n') });
};

/** A cable from NIC `e` of the engine to `d` in a box; `address`: of the box, the engine has .1. */
function cable(box: Box, number: number, mac: string, address?: string): void {
  const [e, d] = [`e${number}`, `d${number}`];
  here([`link add ${e} type veth peer name ${d}`, `link set ${d} netns ${box.pid}`]);
  const own = address?.replace(/\.\d+$/, '.1');
  here([...(own === undefined ? [] : [`address add ${own}/24 dev ${e}`]), `link set ${e} up`]);
  const lines = [`link set ${d} address ${mac}`, `link set ${d} up`];
  if (address !== undefined) lines.push(`address add ${address}/24 dev ${d}`);
  box.run('ip', ['-batch', '-'], lines.join('\n'));
  box.run('ethtool', ['-K', d, 'gro', 'on', 'tx', 'off']);
}

/** Frames go over a bridge between `d${first}` and the next. */
export async function bridge(first: number): Promise<Box> {
  const box = await newBox();
  for (const number of [first, first + 1]) cable(box, number, macOf(number));
  const lines = ['link add br0 type bridge', 'link set br0 up'];
  for (const number of [first, first + 1]) lines.push(`link set d${number} master br0`);
  box.run('ip', ['-batch', '-'], lines.join('\n'));
  return box;
}

/** A router between 10.FIRST.0.0/24 and the next network. */
export async function router(first: number): Promise<Box> {
  const box = await newBox();
  for (const number of [first, first + 1]) cable(box, number, macOf(number), `10.${number}.0.2`);
  box.run('sysctl', ['-qw', 'net.ipv4.ip_forward=1']);
  return box;
}

/** A web server at 10.NUMBER.0.2, port 8080. */
export async function server(number: number): Promise<Box> {
  const box = await newBox();
  cable(box, number, macOf(number), `10.${number}.0.2`);
  box.run('ip', ['link', 'set', 'lo', 'up']);
  box.run('ip', ['route', 'add', 'default', 'via', `10.${number}.0.1`]);
  box.tell(serve);
  return box;
}

const serve = `${process.execPath} -e 'require("node:net").createServer((s) => s.on("error", () => 0)).listen(8080)' & WEB=$!`;

/** How a box is hurt, and healed. */
export const faults: Record<string, { readonly hurt: string; readonly heal: string }> = {
  silent: {
    hurt: "nft 'table netdev f { chain a { type filter hook ingress device A priority 0; drop; }; chain b { type filter hook ingress device B priority 0; drop; }; }'",
    heal: 'nft delete table netdev f',
  },
  'one way': {
    hurt: "nft 'table netdev f { chain a { type filter hook ingress device A priority 0; drop; }; }'",
    heal: 'nft delete table netdev f',
  },
  'other way': {
    hurt: "nft 'table netdev f { chain a { type filter hook ingress device B priority 0; drop; }; }'",
    heal: 'nft delete table netdev f',
  },
  'interface down': { hurt: 'ip link set A down', heal: 'ip link set A up' },
  'bridge down': { hurt: 'ip link set br0 down', heal: 'ip link set br0 up' },
  'forwards nothing': {
    hurt: 'echo 0 > /proc/sys/net/ipv4/ip_forward',
    heal: 'echo 1 > /proc/sys/net/ipv4/ip_forward',
  },
  killed: { hurt: 'kill -9 $WEB', heal: serve },
};

export const macOf = (number: number): string => `02:00:00:00:00:${number.toString(16).padStart(2, '0')}`;

async function newBox(): Promise<Box> {
  const box = new Box();
  await box.ready();
  return box;
}
