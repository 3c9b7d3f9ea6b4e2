/** `make demo`: one HTTP request through firewall, VPN, IDS copy and server, real programs at every place. `--stay` keeps it up. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fig7, T1, TV } from '../scenarios/fig7.ts';
import { Engine } from './engine.ts';
import { journey } from './journey.ts';
import { Lab } from './lab.ts';
import { fetchHttp, startNginx } from './programs.ts';
import { startTunnel } from './tunnel.ts';

const SERVICE = '198.51.100.10';
const DEFINITIONS = fileURLToPath(new URL('../../examples/demo.yaml', import.meta.url));

const PICTURE = `
  Hopline demo: one HTTP request walks a chain of real devices, each a host of its own

                  i1 ┌──────────┐ i2     i2 ┌───────────┐ i2          i3 ┌────────┐
     client ─────────▶ firewall ├───────────▶    VPN    ├───────┬────────▶ server │
   curl, WireGuard   │ nftables │           │ WireGuard │       │        │ nginx  │
                     └──────────┘           └───────────┘       │ i1     └────────┘
                                                            ┌───▼─────┐
        every arrow is a hop of the engine (XDP),           │   IDS   │ sees a copy,
        and the answer walks all of them in reverse         │ tcpdump │ both ways
                                                            └─────────┘
`;

const NAMES: Readonly<Record<string, string>> = {
  s1: 'server',
  fw: 'firewall',
  ids: 'IDS',
  vpn: 'VPN',
  router: 'client',
};

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const indented = (text: string): string => text.trimEnd().replace(/^/gm, '    ');

const since = (start: number): string => `${Math.round(performance.now() - start)} ms`;

async function show(lab: Lab): Promise<Engine> {
  let start = performance.now();
  await startNginx(lab.host('s1'), { 80: 'Hello from the server. Nobody re-cabled anything.' });
  const ids = lab.host('ids').start('tcpdump', ['-p', '-n', '-l', '-q', '-t', '-i', 'eth0', 'tcp']);
  await ids.shows(/listening on/);
  say(`  programs   nginx, nftables, tcpdump running, ${since(start)}`);

  start = performance.now();
  const engine = await Engine.start(lab, readFileSync(DEFINITIONS, 'utf8'));
  const { interfaces, steps } = await engine.status();
  const modes = [...new Set(interfaces.map((each) => each.mode))].join(', ');
  say(
    `  engine     examples/demo.yaml: ${steps.used} table entries, ${interfaces.length} NICs (${modes}), ${since(start)}`,
  );

  start = performance.now();
  await startTunnel({
    client: {
      host: lab.host('client'),
      address: T1,
      routes: [`ip route add ${SERVICE} dev wg0 table 100`, `ip rule add pref 10 to ${SERVICE} ipproto tcp lookup 100`],
    },
    server: { host: lab.host('vpn'), address: TV, routes: [`ip route add ${T1} dev wg0`] },
    endpoint: SERVICE,
    port: 51820,
  });
  say(`  tunnel     WireGuard from the client to ${SERVICE}:51820, ${since(start)}`);

  const recording = await lab.capture();
  say(`\n  client$ curl http://${SERVICE}/\n`);
  start = performance.now();
  say(indented(await fetchHttp(lab.host('client'), `${SERVICE}:80`)));
  say(`\n    answered in ${since(start)}\n`);

  await recording.quiet();
  say('  What the legs of the engine saw (tunnel packets: udp 51820; inside: tcp 80):\n');
  say(indented(journey(await recording.stop(), lab, NAMES)));
  say('\n  What the IDS wrote:\n');
  const seen = ids.log.split('\n').filter((line) => line.startsWith('IP '));
  say(indented(`${seen.slice(0, 4).join('\n')}\n... ${seen.length} packets, both ways`));
  say('\n  $ hopline counters\n');
  say(indented((await engine.hopline('counters')).stdout));
  return engine;
}

function inviteIn(lab: Lab, engine: Engine): Promise<never> {
  say(`
  It stays up until Ctrl-C. In another terminal:

    ip netns exec ${lab.prefix}-client curl http://${SERVICE}/
    bin/hopline --socket ${engine.socket} status
    bin/hopline --socket ${engine.socket} counters --watch
    ip netns exec ${lab.prefix}-ids tcpdump -p -n -i eth0
    ip netns exec ${lab.prefix}-fw nft list ruleset
`);
  // Ctrl-C ends the process; the lab removes itself then.
  return new Promise(() => setInterval(() => undefined, 60_000));
}

const FURTHER = `
  Where to go on

    node_modules/.bin/node test/lab/demo.ts --stay   keep it up and look around
    examples/demo.yaml                               the definitions it ran
    bin/hopline --help                               the command line
    make test                                        every scenario, each leg held against a table
`;

async function main(): Promise<void> {
  say(PICTURE);
  const start = performance.now();
  const lab = await Lab.create(fig7('nat', true));
  try {
    say(`  lab        ${[...lab.hosts].length} hosts in network namespaces, ${since(start)}`);
    const engine = await show(lab);
    if (process.argv.includes('--stay')) {
      await inviteIn(lab, engine);
    }
  } finally {
    await lab.close();
  }
  say(FURTHER);
}

await main().catch((error: Error) => {
  process.stderr.write(`\ndemo: ${error.message}\n`);
  process.exitCode = 1;
});
