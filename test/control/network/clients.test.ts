/** Clients on the engine's own segment, which the kernel has to be asked for. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CountersView, StatusView } from '../../../src/api-types/operations.ts';
import { Hopline } from '../../daemon/hopline.ts';
import { fetchHttp, Lab, loopbackServer, startNginx } from '../../lab/index.ts';
import { ENGINE_ADDRESSES, W1 } from '../../scenarios/common.ts';

const DEFINITIONS = `
interfaces:
  i0: {faces: clients}
  i1: {faces: devices}
devices:
  s1: {kind: server, mode: loopback, legs: {only: {interface: i1, address: 10.0.1.11}}}
services:
  web: {address: ${W1}, port: 80, sequence: [s1]}
`;

let lab: Lab;
let hopline: Hopline;

beforeAll(async () => {
  lab = await Lab.create({
    engine: { i0: ENGINE_ADDRESSES.i0, i1: ENGINE_ADDRESSES.i1 },
    hosts: {
      client: { legs: { eth0: { on: 'i0', addresses: ['192.0.2.77/24'] } }, routes: ['198.51.100.0/24 dev eth0'] },
      s1: loopbackServer({ on: 'i1', addresses: ['10.0.1.11/24'], gateways: ['10.0.1.2'], owns: [W1] }),
    },
  });
  await startNginx(lab.host('s1'), { 80: 'from s1' });
  hopline = new Hopline(lab);
  await hopline.run('--config', lab.engine.file('hopline.yaml', DEFINITIONS));
});

afterAll(() => lab?.close());

test('without forwarding the kernel tells no routes: status says so, and what to do', async () => {
  const { problems } = await hopline.json<StatusView>('status');
  expect(problems).toContainEqual(
    expect.stringMatching(
      /^route answers from i1: IPv4 forwarding is off .*sysctl -w net\.ipv4\.conf\.i1\.forwarding=1/,
    ),
  );
  await lab.engine.run('sysctl', ['-w', 'net.ipv4.conf.i1.forwarding=1']);
  expect((await hopline.json<StatusView>('status')).problems).toEqual([]);
});

test('the first answer to an unknown client is dropped and has it asked for; the second arrives', async () => {
  expect(await fetchHttp(lab.host('client'), `${W1}:80`)).toBe('from s1\n');
  const { verdicts } = await hopline.json<CountersView>('counters');
  const unknown = verdicts.filter(({ reason }) => reason === 'DROP_NO_NEIGHBOUR');
  expect(unknown).toEqual([expect.objectContaining({ interface: 'i1' })]);
  expect(unknown[0]!.packets).toBeLessThanOrEqual(2);
});
