/** Counters as users read them: in the order of the path, with rates, with what devices lost, exact beyond 2^53. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CountersView, RatedCounters, ServiceView } from '../../src/api-types/operations.ts';
import type { Busiest } from '../../src/views/busiest.ts';
import { fetchHttp, Lab, startNginx } from '../lab/index.ts';
import { startDownload, startStream } from '../lab/stream.ts';
import { W1 } from '../scenarios/common.ts';
import { firewallDevices, firewallLab } from '../scenarios/firewalls.ts';
import { Hopline } from './hopline.ts';

const DEFINITIONS = `${firewallDevices(1, 'off')}
services:
  web: {address: ${W1}, port: "80-81", sequence: [fw1, app1]}
  dns: {address: ${W1}, protocol: udp, port: 53, sequence: [fw1, app1]}
`;

const SENT = 20;
const SEND = `
const socket = require('node:dgram').createSocket('udp4');
let left = ${SENT};
const next = () => left-- > 0 ? socket.send('x', 53, '${W1}', next) : socket.close();
next();`;

let lab: Lab;
let hopline: Hopline;

beforeAll(async () => {
  lab = await Lab.create(firewallLab(1));
  await startNginx(lab.host('s1'), { 80: 'here' });
  await lab
    .host('fw1')
    .run('nft', [
      'add table inet extra; add chain inet extra f { type filter hook forward priority 5; }; add rule inet extra f udp dport 53 drop',
    ]);
  hopline = new Hopline(lab);
  await hopline.run('--config', lab.engine.file('hopline.yaml', DEFINITIONS));
});
afterAll(() => lab?.close());

test('hops stand in the order of the path, with what was lost between them', async () => {
  expect(await fetchHttp(lab.host('client'), `${W1}:80`)).toBe('here\n');
  await lab.host('client').run(process.execPath, ['-e', SEND]);
  const { services, losses } = await hopline.json<RatedCounters>('counters', '--interval', '0.1');
  const path = services.map(({ service, direction, hop, from, to }) => `${service} ${direction} ${hop} ${from} ${to}`);
  expect(path).toEqual([
    'web forward 0 i0 fw1.outside',
    'web forward 1 fw1.inside app1.only',
    'web return 1 app1.only fw1.inside',
    'web return 0 fw1.outside i0',
    'dns forward 0 i0 fw1.outside',
  ]);
  expect(
    losses.map(({ service, direction, behind, in: by, packets }) => [service, direction, behind, by, packets]),
  ).toEqual([
    ['web', 'forward', 0, 'fw1.outside', 0],
    ['web', 'return', 1, 'fw1.inside', 0],
    ['dns', 'forward', 0, 'fw1.outside', SENT],
    ['dns', 'return', 1, 'fw1.inside', 0],
  ]);
  const table = await hopline.text('counters', '--interval', '0.1');
  expect(table).toMatch(/^SERVICE +HOP +DIRECTION +FROM +TO +PACKETS +BYTES +PACKETS\/S +BITS\/S +LOST +LOST\/S$/m);
  expect(table).toMatch(/^dns +0 +forward +i0 +fw1\.outside +20 +\d+ +0 +0 +20 +0$/m);
});

test('rates are those of the interval, and top has the busiest first', async () => {
  const end = await startStream(lab.host('s1'), 81);
  const download = await startDownload(lab.host('client'), `http://${W1}:81/`);
  const { services, seconds } = await hopline.json<RatedCounters>('counters', '--service', 'web');
  for (const { packetsPerSecond, bitsPerSecond } of services) {
    expect(packetsPerSecond).toBeGreaterThan(0);
    expect(bitsPerSecond).toBeGreaterThanOrEqual(8 * 54 * packetsPerSecond);
  }
  const [first, second] = services.filter(({ direction }) => direction === 'return');
  expect(Math.abs(first!.packetsPerSecond - second!.packetsPerSecond) * seconds).toBeLessThan(50);
  const lines = (await hopline.text('-o', 'json', 'top', '--count', '2')).trim().split('\n');
  expect(lines).toHaveLength(2);
  const top = JSON.parse(lines[1]!) as Busiest;
  expect(top.services.map(({ service }) => service)).toEqual(['web']);
  expect(top.services[0]!.back.bitsPerSecond).toBeGreaterThan(top.services[0]!.there.bitsPerSecond);
  expect(top.devices.map(({ leg }) => leg)).toContain('fw1.inside');
  expect(await hopline.text('top', '--count', '1')).toMatch(/^SERVICE +PACKETS\/S.*\n(?:.*\n)*?web +\d/m);
  await end();
  await download.done();
});

test('of a sequence before, nothing is said to be lost', async () => {
  await hopline.text(
    'apply',
    lab.engine.file(
      'short.yaml',
      DEFINITIONS.replace('udp, port: 53, sequence: [fw1, app1]', 'udp, port: 53, sequence: [app1]'),
    ),
  );
  const { services, losses } = await hopline.json<RatedCounters>('counters', '--service', 'dns', '--all');
  expect(services).toContainEqual(expect.objectContaining({ to: 'fw1.outside', packets: SENT, apart: 'past' }));
  expect(losses.filter(({ packets }) => packets !== undefined)).toEqual([]);
});

test('--watch goes on until nobody reads', async () => {
  const program = lab.engine.start(hopline.path, ['-o', 'json', 'counters', '--watch', '-i', '0.1'], hopline.env);
  await program.shows(/\{.*"web".*\}\n\{.*"web".*\}\n/);
  await program.stop();
  const piped = `set -o pipefail; ${hopline.path} counters --watch -i 0.1 | head -n 3`;
  const { code, stdout, stderr } = await lab.engine.attempt('bash', ['-c', piped], { env: hopline.env });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.split('\n')).toHaveLength(4);
});

test('counts beyond 2^53 are exact in JSON, metrics and tables', async () => {
  const bytes = '9007199254740993';
  const totals = await hopline.json<{ key: { service: number; hop: number; direction: number } }[]>(
    'map',
    'dump',
    'totals',
  );
  const { key } = totals.find(({ key: { hop, direction } }) => hop === 0 && direction === 1)!;
  await hopline.text('map', 'set', 'totals', JSON.stringify(key), `{"packets": 1, "bytes": ${bytes}}`);
  for (const args of [
    ['map', 'get', 'totals', JSON.stringify(key)],
    ['-o', 'json', 'map', 'get', 'totals', JSON.stringify(key)],
  ]) {
    expect(await hopline.text(...args)).toMatch(new RegExp(`"bytes": ?${bytes}`));
  }
  expect(await hopline.text('-o', 'json', 'counters', '--no-rates')).toContain(`"bytes": ${bytes}`);
  expect(await hopline.text('-o', 'json', 'counters')).toContain(`"bytes": ${bytes}`);
  expect(await hopline.text('counters', '--no-rates')).toContain('9,007,199,254,740,993');
  expect(await hopline.text('-o', 'json', 'service', 'list')).toContain(`"bytes": ${bytes}`);
  expect(await hopline.text('service', 'show', 'dns')).toContain('9,007,199,254,740,993 bytes');
  expect(await hopline.text('metrics')).toMatch(
    new RegExp(`^hopline_service_bytes_total.*service="dns".* ${bytes}$`, 'm'),
  );
  const { services } = await hopline.json<CountersView>('counters', '--no-rates');
  expect(services.length).toBeGreaterThan(0);
  expect((await hopline.json<ServiceView[]>('service', 'list')).map(({ name }) => name)).toEqual(['web', 'dns']);
});
