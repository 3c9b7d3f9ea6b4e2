import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StatusView } from '../../src/api-types/operations.ts';
import { bytesOf } from '../robust/tables.ts';
import { cable, unplug } from '../traffic/cable.ts';
import type { Stream } from '../traffic/stream.ts';
import { Traffic } from '../traffic/traffic.ts';
import { ControllerProcess } from './controller.ts';

const CLIENTS = 1_000_000;
const BURST = 250_000;

/** Counters (hashes of TCP's first packets among them), and rings that have no keys to read; whatever could remember a client (fragments among them) is compared. */
const COUNTERS = new Set(['verdicts', 'copy_number', 'copy_progress', 'wanted', 'alarms', 'openings']);

const [clients, servers, ids] = [cable('clients'), cable('servers'), cable('ids')];

const W = '198.51.100.10';
const SERVER = '10.0.1.11';
/** The service owns all ports the generator sends from, so that its frames are a server's as well. */
const PORTS = '1024-20000';

const DEFINITIONS = `interfaces:
  clients: {faces: clients, gateway: 192.0.2.1, gateway_mac: "${clients.far.mac}"}
  servers: {faces: devices}
  ids: {faces: devices}
devices:
  server: {kind: server, mode: nat, address: ${SERVER}, legs: {only: {interface: servers, mac: "${servers.far.mac}"}}}
  tap: {kind: tap, legs: {only: {interface: ids, mac: "${ids.far.mac}"}}}
services:
  watched: {address: ${W}, protocol: udp, port: "${PORTS}", sequence: [{copy: [tap]}, server]}
`;

/** Three million clients, of which each frame takes one: over a million different ones come soon. */
const INWARD: Stream = {
  ifindex: clients.far.ifindex,
  destinationMac: clients.engine.mac,
  sourceMac: clients.far.mac,
  destination: W,
  source: '100.0.0.0',
  sources: 3 * CLIENTS,
  port: 2000,
};

const OUTWARD: Stream = {
  ifindex: servers.far.ifindex,
  destinationMac: servers.engine.mac,
  sourceMac: servers.far.mac,
  source: SERVER,
  destination: '100.0.0.0',
  destinations: 3 * CLIENTS,
  port: 40_000,
};

describe('S0D a million different clients', () => {
  const traffic = new Traffic(cable('spare').far.ifindex);
  const controller = new ControllerProcess(DEFINITIONS);
  const bytes = (): Readonly<Record<string, string>> =>
    bytesOf(String(controller.environment.HOPLINE_INSTANCE), undefined, COUNTERS);

  beforeAll(async () => {
    traffic.receive({ ifindex: clients.far.ifindex, mac: clients.far.mac, tally: 'destination' });
    traffic.receive({ ifindex: servers.far.ifindex, mac: servers.far.mac, tally: 'source' });
    traffic.receive({ ifindex: ids.far.ifindex, mac: ids.far.mac, tally: false });
    await controller.start();
  });

  afterAll(async () => {
    await controller.close();
    traffic.close();
    unplug();
  });

  it('can be served', async () => {
    const { degraded, interfaces } = (await controller.call('GET', '/status')) as StatusView;
    expect(degraded).toEqual([]);
    expect(interfaces.map(({ mode }) => mode)).toEqual(['native', 'native', 'native']);
  });

  it.each([
    ['that send leave', INWARD, servers.far.ifindex],
    ['that are answered leave', OUTWARD, clients.far.ifindex],
  ])('%s every table byte for byte as it was, but for counters', async (_, stream, sink) => {
    traffic.aim(stream);
    traffic.forget();
    const before = bytes();
    expect(Object.keys(before)).toEqual(expect.arrayContaining(['fragments', 'steps', 'slots', 'legs', 'ranges']));
    const copied = traffic.received(ids.far.ifindex);
    for (let bursts = 0; traffic.different < CLIENTS && bursts < 40; bursts++) await traffic.send(BURST);
    expect(traffic.different).toBeGreaterThanOrEqual(CLIENTS);
    expect(traffic.received(sink)).toBeGreaterThanOrEqual(CLIENTS);
    expect(traffic.received(ids.far.ifindex) - copied).toBeGreaterThan(0);
    expect(bytes()).toEqual(before);
  });
});
