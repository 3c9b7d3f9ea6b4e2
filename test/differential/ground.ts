/** Where cases happen: an engine's namespace with four NICs and a fifth that is not its own, and silent far ends. */
import { fileURLToPath } from 'node:url';
import type { Host } from '../lab/host.ts';
import { Lab } from '../lab/index.ts';
import { routeCommands } from './routes.ts';
import type { Report, Request } from './run.ts';

const NODE = fileURLToPath(new URL('../../node_modules/.bin/node', import.meta.url));
const RUN = fileURLToPath(new URL('run-here.ts', import.meta.url));
const OBJECT = fileURLToPath(new URL('../../.output/hopline.bpf.o', import.meta.url));

const MTUS = { n0: 1500, n1: 1500, n2: 1400, n3: 1300 };
/** Takes whatever the engine sends; more than its NICs let through. */
const FAR_MTU = 2000;

/** What the engine's kernel would say itself is not what is looked at. */
const SILENCE = `table inet silence {
  chain output { type filter hook output priority 0; policy drop; }
  chain forward { type filter hook forward priority 0; policy drop; }
}
table arp silence {
  chain output { type filter hook output priority 0; policy drop; }
}`;

/** Runs cases in a lab of their own. @throws Error with what it wrote when the run itself fails. */
export async function runCases(request: Omit<Request, 'instance' | 'objectPath' | 'far'>): Promise<Report> {
  const nics = [...Object.keys(MTUS), 'x4'];
  const address = (place: number): string[] => [`10.9.${place}.1/24`, `2001:db8:aa:${place}::1/64`];
  const lab = await Lab.create({
    engine: Object.fromEntries(nics.map((nic, place) => [nic, nic === 'x4' ? [] : address(place)])),
    hosts: {
      far: {
        legs: Object.fromEntries(nics.map((nic) => [`p${nic.slice(1)}`, { on: nic, mtu: FAR_MTU }])),
        sysctls: { 'ipv6/conf/all/disable_ipv6': 1 },
      },
    },
  });
  try {
    await prepare(lab.engine);
    const whole: Request = {
      ...request,
      instance: lab.prefix,
      objectPath: process.env.HOPLINE_OBJECT ?? OBJECT,
      far: lab.host('far').netns,
    };
    const written = await lab.engine.run(NODE, [RUN, JSON.stringify(whole)], { limit: 110_000 });
    return JSON.parse(written.trim().split('\n').at(-1) ?? '') as Report;
  } finally {
    await lab.close();
  }
}

async function prepare(engine: Host): Promise<void> {
  const forwarding = ['ipv4/ip_forward', 'ipv6/conf/all/forwarding'].map((key) => `echo 1 >/proc/sys/net/${key}`);
  await engine.run('sh', ['-ec', forwarding.join('\n')]);
  await engine.run('nft', ['-f', '-'], { input: SILENCE });
  const mtus = Object.entries(MTUS).map(([nic, mtu]) => `link set ${nic} mtu ${mtu}`);
  await engine.run('ip', ['-batch', '-'], { input: `${[...mtus, routeCommands()].join('\n')}\n` });
}
