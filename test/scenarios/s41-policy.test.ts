/** A firewall that drops what it is not told of: the probe that is lost names its packet, and the printed rules let it through. */
import { expect } from 'vitest';
import { Engine, fetchHttp, routingFirewall, scenario, startNginx, watch } from '../lab/index.ts';
import { W1 } from './common.ts';
import { firewallDevices, firewallLab } from './firewalls.ts';

const POLICY = `table inet filter {
  chain forward {
    type filter hook forward priority 0; policy drop;
    tcp dport 80 accept
    tcp sport 80 accept
  }
}`;

const lab1 = firewallLab(1);
const strict = {
  ...lab1,
  hosts: {
    ...lab1.hosts,
    fw1: routingFirewall({
      outside: { on: 'i1', addresses: ['10.0.1.21/24'] },
      inside: { on: 'i2', addresses: ['10.0.2.21/24'] },
      routes: ['default via 10.0.1.2', '198.51.100.0/24 via 10.0.2.2'],
      nft: POLICY,
    }),
  },
};

const definitions = `${firewallDevices(1)}
services:
  web: {address: ${W1}, port: 80, sequence: [fw1, app1]}
`;

scenario(
  'S41 a lost probe names its packet, and the rules that are printed for it bring the firewall up',
  strict,
  async (lab) => {
    await startNginx(lab.host('s1'), { 80: 'from s1' });
    // It is never ready as `Engine.start` has it: its only firewall is down at first.
    const engine = Engine.launch(lab, definitions);
    const answers = () =>
      engine.status().then(
        () => true,
        () => false,
      );
    await expect.poll(answers, { timeout: 20_000 }).toBe(true);
    const watching = watch(engine);
    await watching.state('fw1', 'down');
    expect(await fetchHttp(lab.host('client'), `${W1}:80`)).toBe('from s1\n');
    const shown = await watching.command('device', 'show', 'fw1');
    expect(shown).toMatch(/through +forward +UDP 10\.0\.1\.2:33461 > 10\.0\.2\.2:33461/);
    expect(shown).toMatch(/through +return +UDP 10\.0\.2\.2:33461 > 10\.0\.1\.2:33461/);
    expect(shown).toContain('iptables -I FORWARD -s 10.0.1.2 -d 10.0.2.2 -p udp --sport 33461 --dport 33461 -j ACCEPT');
    expect(shown).toContain('nf_conntrack_tcp_be_liberal');
    // A probe that never answered has no latency.
    expect(shown).not.toContain('0.00 ms');
    const rules = shown.match(/nft insert rule inet filter forward .*/g) ?? [];
    expect(rules).toHaveLength(2);
    for (const rule of rules) await lab.host('fw1').run('sh', ['-c', rule]);
    await watching.state('fw1', 'up');
  },
);
