/** Every address of a NIC is the engine's: probes go from the one in the device's network, and come back to it. */
import { expect } from 'vitest';
import { Engine, fetchHttp, scenario, startNginx, watch } from '../lab/index.ts';
import { W1 } from './common.ts';
import { firewallDevices, firewallLab } from './firewalls.ts';

const services = `pools:
  firewalls: {members: [fw1, fw2]}
services:
  web: {address: ${W1}, port: 80, sequence: [firewalls, app1]}
`;

const byMac = firewallDevices(2);
const byAddress = byMac.replaceAll(
  /(fw(\d): .*)mac: "[^"]*"(.*)mac: "[^"]*"/g,
  (_, head, number, middle) => `${head}address: 10.0.1.2${number}${middle}address: 10.0.2.2${number}`,
);

/** A MAC does not say in which of the networks it is. */
const ASKS =
  /problem: .*fw1\.inside is known by its MAC alone, and the engine has several addresses there: 172\.16\.0\.1\/24, 10\.0\.2\.2\/24 \(give the leg its `address`, too\)/;

for (const [how, devices, says] of [
  ['by their MACs', byMac, ASKS],
  ['by their addresses', byAddress, undefined],
] as const) {
  scenario(
    `S0A firewalls known ${how} stay up when another address becomes the first of the NIC`,
    firewallLab(2),
    async (lab) => {
      await startNginx(lab.host('s1'), { 80: 'from s1' });
      const engine = await Engine.start(lab, `${devices}${services}`);
      const watching = watch(engine);
      for (const name of ['fw1', 'fw2']) await watching.state(name, 'up');
      expect(await fetchHttp(lab.host('client'), `${W1}:80`)).toBe('from s1\n');
      await lab.engine.run('ip', ['-batch', '-'], {
        input: 'address del 10.0.2.2/24 dev i2\naddress add 172.16.0.1/24 dev i2\naddress add 10.0.2.2/24 dev i2\n',
      });
      if (says === undefined) {
        const answered = async () => Number(await engine.verdict('PROBE_ANSWERED', 'i2'));
        const before = await answered();
        // Some dozens of probes later nobody is down.
        await expect.poll(answered, { timeout: 20_000 }).toBeGreaterThan(before + 100);
        await expect
          .poll(async () => (await engine.hopline('status')).stdout, { timeout: 20_000 })
          .toContain('all well');
      } else await expect.poll(async () => (await engine.hopline('status')).stdout, { timeout: 20_000 }).toMatch(says);
      for (const name of ['fw1', 'fw2']) await watching.state(name, 'up');
      expect((await watching.events()).filter(({ what }) => what === 'move')).toEqual([]);
      expect(await fetchHttp(lab.host('client'), `${W1}:80`)).toBe('from s1\n');
    },
  );
}
