import { deriveHealth } from '../../../src/health/derive/derive.ts';
import { readDefinitions } from '../../../src/model/read/read.ts';
import type { Model } from '../../../src/model/types.ts';
import type { DeviceSpec, HealthSpec } from '../../../src/terms/health/spec.ts';

const DEVICES = `
  fw1: {kind: inline, HEALTH legs: {outside: {interface: i1, mac: "02:00:00:00:01:01"}, inside: {interface: i2, mac: "02:00:00:00:01:02"}}}
  fw2: {kind: inline, legs: {outside: {interface: i1, mac: "02:00:00:00:02:01"}, inside: {interface: i2, mac: "02:00:00:00:02:02"}}}
  vpn1: {kind: inline, legs: {only: {interface: i2, mac: "02:00:00:00:03:01", address: 10.0.2.5}}}
  cut1: {kind: inline, legs: {only: {interface: i2, mac: "02:00:00:00:03:02"}}}
  ids1: {kind: tap, legs: {only: {interface: i1, mac: "02:00:00:00:04:01"}}}
  ids2: {kind: tap, legs: {only: {interface: i1, address: 10.0.1.9}}}
  up1: {kind: gateway, legs: {only: {interface: i3, address: 10.0.3.1}}}
  web1: {kind: server, HEALTH legs: {only: {interface: i3, mac: "02:00:00:00:05:01"}}}
  web2: {kind: server, legs: {only: {interface: i3, mac: "02:00:00:00:05:02"}}}
  app1: {kind: server, mode: nat, address: 10.0.3.11, legs: {only: {interface: i3}}}
  vip1: {kind: server, answered_by: [db1, db2], legs: {only: {interface: i3, mac: "02:00:00:00:06:01"}}}
  db1: {kind: server, legs: {only: {interface: i3, mac: "02:00:00:00:06:02"}}}
  db2: {kind: server, legs: {only: {interface: i3, mac: "02:00:00:00:06:03"}}}`;

export interface Written {
  /** `health` of fw1 and of web1. */
  readonly fw1?: string;
  readonly web1?: string;
  readonly pools?: string;
  readonly services?: string;
  readonly file?: string;
}

/** A file with two firewalls, servers, taps and a gateway, and what is written of their health. */
export function textOf({ fw1 = '', web1 = '', pools = '', services = '', file = '' }: Written): string {
  const health = (text: string): string => (text === '' ? '' : `health: ${text},`);
  const devices = DEVICES.replace('HEALTH', health(fw1)).replace('HEALTH', health(web1));
  return `
health: ${file === '' ? '{}' : file}
interfaces:
  i0: {faces: clients, gateway: 192.0.2.1}
  i1: {}
  i2: {nic: eth2}
  i3: {}
devices:${devices}
pools:
  firewalls: {members: [fw1, fw2]}
  ${pools}
services:
  ${services === '' ? 'shop: {address: 198.51.100.10, port: 443, sequence: [firewalls, web2]}' : services}
`;
}

export function modelOf(written: Written): Model {
  const result = readDefinitions(textOf(written), 'hopline.yaml');
  if (!result.ok) throw new Error(result.problems.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  return result.model;
}

export function specOf(written: Written): HealthSpec {
  return deriveHealth(modelOf(written));
}

export function deviceOf(written: Written, name: string): DeviceSpec | undefined {
  return specOf(written).devices.find((device) => device.name === name);
}
