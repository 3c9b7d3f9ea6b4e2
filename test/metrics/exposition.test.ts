import { expect, test } from 'vitest';
import { type EngineMetrics, renderEngineMetrics } from '../../src/metrics/engine.ts';
import { labelText } from '../../src/metrics/exposition.ts';

const NOTHING: EngineMetrics = {
  build: { version: '1.2.3', layout: '1' },
  services: () => [],
  legs: [],
  interfaces: [],
  verdicts: [],
};

function series(metrics: Partial<EngineMetrics>): readonly string[] {
  const text = [...renderEngineMetrics({ ...NOTHING, ...metrics })].join('');
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#') && !line.startsWith('hopline_build_info'));
}

test('labels are escaped, absent ones left out', () => {
  expect(labelText({ a: 'x"y\\z\n', b: undefined, c: '', d: 7 })).toBe('a="x\\"y\\\\z\\n",d="7"');
});

test('a service has its packets and bytes by direction, and whether it is degraded', () => {
  const shop = {
    name: 'shop',
    address: '198.51.100.10',
    port: '443',
    protocol: 'tcp',
    customer: 'acme',
    degraded: true,
    unavailable: false,
  };
  const traffic = [
    { direction: 'forward', packets: 3, bytes: 300 },
    { direction: 'return', packets: 2, bytes: 9_007_199_254_740_991 },
  ];
  const labels = 'service="shop",address="198.51.100.10",port="443",protocol="tcp",customer="acme"';
  expect(series({ services: () => [{ ...shop, traffic }] })).toEqual([
    `hopline_service_degraded{${labels}} 1`,
    `hopline_service_packets_total{${labels},direction="forward"} 3`,
    `hopline_service_packets_total{${labels},direction="return"} 2`,
    `hopline_service_bytes_total{${labels},direction="forward"} 300`,
    `hopline_service_bytes_total{${labels},direction="return"} 9007199254740991`,
  ]);
});

test('drops stand in a family of their own, so that no frame is counted twice in a sum', () => {
  const verdicts = [
    { interface: 'i0', reason: 'FORWARDED', packets: 5 },
    { interface: 'i0', reason: 'DROP_WRONG_ORIGIN', packets: 2 },
  ];
  expect(series({ verdicts })).toEqual([
    'hopline_verdicts_total{interface="i0",verdict="forwarded"} 5',
    'hopline_drops_total{interface="i0",reason="wrong_origin"} 2',
  ]);
});

test('a service that nobody works for has a row of its own, others have none', () => {
  const service = { address: 'a', port: '1', protocol: 'tcp', degraded: true, traffic: [] };
  const services = () => [
    { ...service, name: 'lost', unavailable: true },
    { ...service, name: 'slow', unavailable: false },
  ];
  expect(series({ services }).filter((line) => line.includes('unavailable'))).toEqual([
    'hopline_service_unavailable{service="lost",address="a",port="1",protocol="tcp"} 1',
  ]);
});

test('every family says what it is before its first series', () => {
  for (const line of [...renderEngineMetrics(NOTHING)].join('').split('\n')) {
    if (line.startsWith('# TYPE')) expect(line).toMatch(/^# TYPE hopline_[a-z_]+ (counter|gauge)$/);
    if (line.startsWith('# TYPE') && line.endsWith('counter')) expect(line).toContain('_total ');
  }
});
