/** The commands of docs/devices.md, run as they stand on bare hosts, and requests through all that they set up. */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { Engine, fetchHttp, type HostSpec, type Lab, scenario, startNginx, type Topology } from '../lab/index.ts';
import { ENGINE_ADDRESSES, outside } from './common.ts';

const PAGE = readFileSync('docs/devices.md', 'utf8');
const [, DEFINITIONS] = /```yaml\n([\s\S]*?)```/.exec(PAGE)!;
const LEGS = ['fw0', 'fw1'];

const between = (from: string, to: string): HostSpec => ({ legs: { fw0: { on: from }, fw1: { on: to } } });
const server: HostSpec = { legs: { eth0: { on: 'i3' } } };
const TOPOLOGY: Topology = {
  engine: { ...ENGINE_ADDRESSES, i4: [], i5: [] },
  hosts: { ...outside, fw1: between('i1', 'i2'), br1: between('i4', 'i5'), web1: server, web2: server },
};

interface Block {
  readonly on: string;
  readonly script: string;
}

/** What the page has for each host, in its order. */
function blocks(): Block[] {
  const found = [...PAGE.matchAll(/<!-- run on: (.*) -->\n```sh\n([\s\S]*?)```/g)];
  return found.map(([, on, script]) => ({ on: on!, script: script! }));
}

async function setUp(lab: Lab): Promise<void> {
  const [everyLeg, ...each] = blocks();
  for (const host of ['fw1', 'br1', 'web1', 'web2']) {
    for (const leg of host.startsWith('web') ? ['eth0'] : LEGS) {
      await lab.host(host).run('sh', ['-ec', everyLeg!.script], { env: { LEG: leg } });
    }
  }
  for (const { on, script } of each) await lab.host(on).run('sh', ['-e'], { input: script });
}

scenario('devices that are set up as the docs say carry traffic', TOPOLOGY, async (lab) => {
  expect(blocks().map(({ on }) => on.split(' ')[0])).toEqual(['fw1', 'fw1', 'br1', 'web1', 'web2']);
  await setUp(lab);
  await startNginx(lab.host('web1'), { 80: 'from web1' });
  await startNginx(lab.host('web2'), { 8080: 'from web2' });
  // With health as it is by default: what the firewall must let through is asked, too.
  const engine = await Engine.start(lab, `${DEFINITIONS}\nhealth: {}\n`);
  expect(await fetchHttp(lab.host('client'), '198.51.100.10:80')).toBe('from web1\n');
  expect(await fetchHttp(lab.host('client'), '198.51.100.20:80')).toBe('from web2\n');
  await expect
    .poll(async () => (await engine.devices()).map(({ name, health: [own] }) => `${name} ${own?.state}`), {
      timeout: 20_000,
    })
    .toEqual(['fw1 up', 'br1 up', 'web1 up', 'web2 up']);
});
