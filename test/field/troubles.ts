/** Kinds of trouble of the site: what happens, what a person before the rack would say of it, and how it ends. */
import { writeFileSync } from 'node:fs';
import {
  type Cure,
  cutSilently,
  type Engine,
  forwardsNothing,
  type Host,
  ignoresPort,
  type Lab,
  linkDown,
  neverAnswers,
  type Program,
} from '../lab/index.ts';
import { DEFINITIONS } from './site.ts';

/** What troubles strike. */
export interface Site {
  readonly lab: Lab;
  readonly engine: Engine;
  /** nginx of each server. */
  readonly nginx: Record<'web1' | 'web2', Program>;
  /** Starts nginx of a server again. */
  startServer(name: 'web1' | 'web2'): Promise<void>;
}

export interface Trouble {
  readonly what: string;
  readonly strike: (site: Site) => Promise<Cure>;
  /** What `hopline status` says of it. */
  readonly says: RegExp;
  /** Whether clients get answers while it lasts, once Hopline did what can be done. */
  readonly served: boolean;
  /** The devices that somebody has to tell to come back afterwards. */
  readonly restore?: readonly string[];
}

const each =
  (cures: readonly Cure[]): Cure =>
  async () => {
    for (const cure of cures) await cure();
  };

/** A command that has to succeed. */
async function done(command: ReturnType<Engine['hopline']>): Promise<void> {
  const { code, stderr } = await command;
  if (code !== 0) throw new Error(`exit ${code}: ${stderr}`);
}

const ip = (host: Host, ...words: readonly string[]): Promise<string> => host.run('ip', words);

async function dropsIpv6(host: Host, chain: 'forward' | 'input'): Promise<Cure> {
  const input = `table ip6 six {\n  chain ${chain} { type filter hook ${chain} priority -20; policy accept; tcp dport 80 drop; }\n}\n`;
  await host.run('nft', ['-f', '-'], { input });
  return async () => void (await host.run('nft', ['delete', 'table', 'ip6', 'six']));
}

async function killServer(site: Site, name: 'web1' | 'web2'): Promise<Cure> {
  await site.nginx[name].stop();
  return () => site.startServer(name);
}

export const TROUBLES: readonly Trouble[] = [
  {
    what: 'the firewall that works forwards nothing any more',
    strike: ({ lab }) => forwardsNothing(lab.host('fw1')),
    says: /fw1.*down/,
    served: true,
    restore: ['fw1'],
  },
  {
    what: 'its cables are cut without a signal',
    strike: ({ lab }) => cutSilently(lab.host('fw1'), 'fw0', 'fw1'),
    says: /fw1.*down/,
    served: true,
    restore: ['fw1'],
  },
  {
    what: 'the spare firewall dies: nothing moves, and nobody is left to take over',
    strike: ({ lab }) => cutSilently(lab.host('fw2'), 'fw0', 'fw1'),
    says: /no spare/,
    served: true,
    restore: ['fw2'],
  },
  {
    what: 'both firewalls die',
    strike: async ({ lab }) => each(await Promise.all(['fw1', 'fw2'].map((name) => forwardsNothing(lab.host(name))))),
    says: /unavailable/,
    served: false,
    restore: ['fw1', 'fw2'],
  },
  {
    what: "the engine's own NIC to the firewalls is down",
    strike: async ({ lab }) => {
      await ip(lab.engine, 'link', 'set', 'i1', 'down');
      return async () => {
        const lines = ['link set i1 up', 'address replace fd00:1::2/64 dev i1 nodad'];
        await lab.engine.run('ip', ['-batch', '-'], { input: lines.join('\n') });
      };
    },
    says: /NIC i1 is down/,
    served: false,
  },
  {
    what: 'a firewall drops the new connections of IPv6 alone',
    strike: ({ lab }) => dropsIpv6(lab.host('fw1'), 'forward'),
    says: /attention: fw1 raised an alarm: .*SYNs of one connection/,
    served: false,
  },
  {
    what: 'the web server that works is killed',
    strike: (site) => killServer(site, 'web1'),
    says: /web1.*down|down.*web1/,
    served: true,
    restore: ['web1'],
  },
  {
    what: 'both web servers are killed',
    strike: async (site) => each([await killServer(site, 'web1'), await killServer(site, 'web2')]),
    says: /unavailable/,
    served: false,
    restore: ['web1', 'web2'],
  },
  {
    what: 'the web server that works drops IPv6',
    strike: ({ lab }) => dropsIpv6(lab.host('web1'), 'input'),
    says: /web1.*\(tcp\/80\) is down|web1 is down: handshake tcp\/80 ipv6/,
    served: true,
    restore: ['web1'],
  },
  {
    what: 'the web server that works says nothing at its port',
    strike: ({ lab }) => ignoresPort(lab.host('web1'), 80),
    says: /web1.*down|down.*web1/,
    served: true,
    restore: ['web1'],
  },
  {
    what: 'the IPS, which has no alternate, forwards nothing',
    strike: ({ lab }) => forwardsNothing(lab.host('ips'), 'bridge'),
    says: /ips.*down[\s\S]*unavailable|unavailable[\s\S]*ips/,
    served: false,
    restore: ['ips'],
  },
  {
    what: 'the IPS has its inside cable pulled',
    strike: ({ lab }) => linkDown(lab.host('ips'), 'fw1'),
    says: /ips is down/,
    served: false,
    restore: ['ips'],
  },
  {
    what: "the IDS' cable is pulled: no copies, and everybody is served",
    strike: ({ lab }) => linkDown(lab.host('ids'), 'eth0'),
    says: /attention: ids is down: no link/,
    served: true,
  },
  {
    what: "the engine's IPv6 address towards the servers is gone",
    strike: async ({ lab }) => {
      await ip(lab.engine, 'address', 'del', 'fd00:3::2/64', 'dev', 'i3');
      return async () => void (await ip(lab.engine, 'address', 'add', 'fd00:3::2/64', 'dev', 'i3', 'nodad'));
    },
    // The server has the engine's MAC, and keeps it: for now all goes on.
    says: /problem: the engine's address fd00:3::2\/64 is gone from i3/,
    served: true,
  },
  {
    what: 'the router is gone',
    strike: async ({ lab }) => {
      const cure = await linkDown(lab.host('router'), 'eth0');
      return async () => {
        await cure();
        const lines = [
          'address replace 2001:db8:0::1/64 dev eth0 nodad',
          'route replace 2001:db8:100::/64 via 2001:db8:0::2',
        ];
        await lab.host('router').run('ip', ['-batch', '-'], { input: lines.join('\n') });
      };
    },
    says: /problem: .*(192\.0\.2\.1|i0)/,
    served: false,
  },
  {
    what: 'an operator drains a firewall',
    strike: async ({ engine }) => {
      await done(engine.hopline('device', 'drain', 'fw1'));
      return () => done(engine.hopline('device', 'restore', 'fw1'));
    },
    says: /fw1.*(draining|maintenance)/,
    served: true,
  },
  {
    what: 'a file that cannot be applied is read again',
    strike: async ({ engine }) => {
      writeFileSync(engine.file, DEFINITIONS.replace('sequence: [firewalls', 'sequence: [firewals'));
      engine.controller.signal('SIGHUP');
      return async () => {
        writeFileSync(engine.file, DEFINITIONS);
        engine.controller.signal('SIGHUP');
      };
    },
    says: /problem: .* is not applied, and what was in force stays/,
    served: true,
  },
  {
    what: 'the controller is killed',
    strike: async ({ engine }) => {
      await engine.controller.stop();
      return async () => engine.run();
    },
    says: /not running/,
    served: true,
  },
  {
    what: "the controller's NIC to the servers loses its program",
    strike: async ({ engine }) => {
      await done(engine.hopline('detach', 'i3'));
      return () => done(engine.hopline('attach', 'i3'));
    },
    says: /problem: the engine is not attached to i3/,
    served: false,
  },
  {
    what: 'the web server that works hangs: its kernel accepts, and nobody answers',
    strike: ({ nginx }) => Promise.resolve(neverAnswers(nginx.web1)),
    says: /web1.*is down|web1 is down/,
    served: true,
    restore: ['web1'],
  },
];
