import { expect, test } from 'vitest';
import { deriveHealth } from '../../../src/health/derive/derive.ts';
import { changedMap } from '../../../src/model/change/changed-map.ts';
import { device, FOUR, firewall, leg, model, service, through } from '../../plan/models.ts';

const SERVICES = 100_000;

test('100,000 services are derived, and again after changes of one of them', () => {
  const devices = [firewall('fw1', 'i1', 'i2'), firewall('fw2', 'i1', 'i2'), device('vpn', 'inline', leg('i2'))];
  const apps = Array.from({ length: 100 }, (_, i) => device(`app${i}`, 'server', leg('i3'), { mode: 'loopback' }));
  const pools = [{ name: 'firewalls', members: ['fw1', 'fw2'], use: 'primary', active: 'fw1' }] as const;
  const services = Array.from({ length: SERVICES }, (_, i) =>
    service(`service${i}`, `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`, 80 + (i % 700), [
      through('firewalls', { isPool: true }),
      through('vpn'),
      through(`app${i % 100}`),
    ]),
  );
  let now = model({ interfaces: FOUR, devices: [...devices, ...apps], pools, services });
  const spec = deriveHealth(now);
  for (let i = 0; i < 9; i++) {
    const changed = { ...now.services.get('service7')!, addresses: [`10.200.0.${i}`] };
    now = { ...now, services: changedMap(now.services, 'service7', i === 8 ? undefined : changed) };
    expect(deriveHealth(now)).toMatchObject({ pools: { length: spec.pools.length }, devices: { length: 103 } });
  }
  const probes = spec.devices.reduce((total, each) => total + each.probes.length, 0);
  // Seven ports each, a hundred servers, two firewalls; the VPN has no address.
  expect([spec.devices.length, probes]).toEqual([103, 702]);
  expect(spec.pools).toHaveLength(702);
});
