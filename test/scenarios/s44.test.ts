/** Figure 15D: an external fail-over manager as a device; the engine takes its servers' answers, and does not meddle. */
import { expect } from 'vitest';
import {
  Engine,
  expectLegs,
  fetchHttp,
  type HostSpec,
  isProbe,
  loopbackServer,
  namesOf,
  scenario,
  startNginx,
  watch,
} from '../lab/index.ts';
import { CLIENTS_ON_I0, ENGINE_ADDRESSES, outside, U1, W1 } from './common.ts';

const MANAGER = '10.0.1.30';
const A1 = '10.0.1.11';
const A2 = '10.0.1.12';

/** The manager hands W1 to the one server that answers, by its own routes, and looks every 100 ms. */
const FAIL_OVER = `
now=
while :; do
  for server in ${A1} ${A2}; do
    if curl --silent --fail --max-time 0.5 --output /dev/null http://$server/; then break; fi
  done
  if [ "$server" != "$now" ]; then
    ip route replace ${W1} via $server
    now=$server
    echo "now $server"
  fi
  sleep 0.1
done`;

const definitions = `
interfaces:
  ${CLIENTS_ON_I0}
  i1: {}
devices:
  manager: {kind: server, mode: loopback, address: ${MANAGER}, answered_by: [s1, s2], health: {probes: [icmp], interval: 1s}, legs: {only: {interface: i1}}}
  s1: {kind: server, mode: loopback, address: ${A1}, legs: {only: {interface: i1}}}
  s2: {kind: server, mode: loopback, address: ${A2}, legs: {only: {interface: i1}}}
services:
  web: {address: ${W1}, port: 80, sequence: [manager]}
`;

const table = (server: string): string => `
| # | from → to         | in | out | src IP | dst IP | port | src MAC | dst MAC |
|---|-------------------|----|-----|--------|--------|------|---------|---------|
| 1 | client → engine   | i0 | –   | U1     | W1     | d 80 | R_M     | E0_M    |
| 2 | engine → manager  | –  | i1  | U1     | W1     | d 80 | E1_M    | MANAGER_M |
| 3 | ${server} → engine | i1 | –  | W1     | U1     | s 80 | ${server}_M | E1_M |
| 4 | engine → client   | –  | i0  | W1     | U1     | s 80 | E0_M    | R_M     |`;

const server = (address: string): HostSpec =>
  loopbackServer({ on: 'i1', addresses: [`${address}/24`], gateways: ['10.0.1.2'], owns: [W1] });

scenario(
  'S44 servers behind a fail-over manager answer by themselves, and nobody but the manager moves them',
  {
    engine: { i0: ENGINE_ADDRESSES.i0, i1: ENGINE_ADDRESSES.i1 },
    hosts: {
      ...outside,
      manager: {
        legs: { eth0: { on: 'i1', addresses: [`${MANAGER}/24`] } },
        forwards: true,
        routes: ['default via 10.0.1.2'],
        sysctls: { 'ipv4/conf/all/send_redirects': 0, 'ipv4/conf/eth0/send_redirects': 0 },
      },
      s1: server(A1),
      s2: server(A2),
    },
  },
  async (lab, recording) => {
    const [first] = await Promise.all(['s1', 's2'].map((name) => startNginx(lab.host(name), { 80: `from ${name}` })));
    const manager = lab.host('manager').start('sh', ['-c', FAIL_OVER]);
    await manager.shows(new RegExp(`now ${A1}`));
    const watching = watch(await Engine.start(lab, definitions));
    await watching.state('manager', 'up');
    const [names, ignore] = [namesOf(lab, { U1, W1 }), isProbe(lab)];
    // On the bridge of i1 the manager's own frames to the servers are not the engine's.
    const visit = async (name: 's1' | 's2'): Promise<void> => {
      const before = recording.frames().length;
      expect(await fetchHttp(lab.host('client'), `${W1}:80`)).toBe(`from ${name}\n`);
      expectLegs((await recording.quiet(ignore)).slice(before), table(name.toUpperCase()), names, { ignore });
    };
    await visit('s1');
    await first?.stop();
    await manager.shows(new RegExp(`now ${A2}`));
    await visit('s2');
    expect(await watching.events()).toEqual([]);
    const asked = recording.frames().filter(({ way, fields: { to } }) => {
      return way === 'out' && [lab.host('s1').mac(), lab.host('s2').mac()].includes(to);
    });
    expect(asked.filter(({ fields: { ip } }) => ip !== undefined)).toEqual([]);
    const devices = await watching.devices();
    expect(devices.filter(({ name }) => name !== 'manager').flatMap(({ health }) => health)).toEqual([]);
  },
);
