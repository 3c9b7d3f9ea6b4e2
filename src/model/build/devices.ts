import type { Path, Report } from '../problem.ts';
import type { RawDevice, RawLeg } from '../schema/schema.ts';
import { didYouMean } from '../suggest.ts';
import type { Device, DeviceMode, Interface, Leg } from '../types.ts';
import { addressText, macText } from '../words.ts';
import { readRules } from './health.ts';

type Interfaces = ReadonlyMap<string, Interface>;

/** Devices with their defaults; one with a fault that leaves it without legs is left out. */
export function readDevices(
  raw: Readonly<Record<string, RawDevice>>,
  interfaces: Interfaces,
  report: Report,
): Map<string, Device> {
  const devices = new Map<string, Device>();
  for (const [name, each] of Object.entries(raw)) {
    const device = readDevice(name, each, interfaces, report);
    if (device !== undefined) devices.set(name, device);
  }
  for (const { name, answeredBy } of devices.values()) {
    for (const other of answeredBy) {
      if (Object.hasOwn(raw, other)) continue;
      report({
        path: ['devices', name, 'answered_by'],
        message: `device ${name} is answered by ${other}, which is no device`,
        hint: didYouMean(other, [...devices.keys()]),
      });
    }
  }
  return devices;
}

function readDevice(name: string, raw: RawDevice, interfaces: Interfaces, report: Report): Device | undefined {
  const path = ['devices', name];
  checkKeys(name, raw, path, report);
  const { outside, inside, only } = raw.legs;
  if (
    only === undefined ? outside === undefined || inside === undefined : outside !== undefined || inside !== undefined
  ) {
    report({
      path: [...path, 'legs'],
      message: `device ${name} has neither one leg nor two: ${Object.keys(raw.legs).join(', ') || 'none'}`,
      hint: 'write legs: {only: {...}}, or legs: {outside: {...}, inside: {...}}',
    });
    return undefined;
  }
  const read = (side: 'outside' | 'inside' | 'only', leg: RawLeg) =>
    readLeg(name, raw, leg, side, interfaces, [...path, 'legs', side], report);
  const outer = read(only === undefined ? 'outside' : 'only', only ?? outside!);
  const inner = only === undefined ? read('inside', inside!) : outer;
  if (outer === undefined || inner === undefined) return undefined;
  const mode = modeOf(raw);
  return {
    name,
    kind: raw.kind,
    forwards: raw.forwards ?? 'route',
    ...(raw.function === undefined ? {} : { function: raw.function }),
    ...(raw.vendor === undefined ? {} : { vendor: raw.vendor }),
    ...(mode === undefined ? {} : { mode }),
    ...(raw.mode === 'auto' ? { auto: 'sought' } : {}),
    ...(raw.address === undefined ? {} : { address: addressText(raw.address) }),
    outside: outer,
    inside: inner,
    oneLegged: only !== undefined,
    answeredBy: [raw.answered_by ?? []].flat(),
    ...(raw.health === undefined ? {} : { health: readRules(raw.health) }),
  };
}

function modeOf(raw: RawDevice): DeviceMode | undefined {
  if (raw.mode !== undefined && raw.mode !== 'auto') return raw.mode;
  return raw.kind === 'server' || raw.kind === 'proxy' ? 'loopback' : undefined;
}

function checkKeys(name: string, raw: RawDevice, path: Path, report: Report): void {
  const refuse = (key: string, message: string, hint: string) => report({ path: [...path, key], message, hint });
  if (raw.mode === 'auto' && raw.kind === 'inline') {
    refuse(
      'mode',
      `device ${name} is inline and has mode auto, which is found out at the end of a sequence only`,
      'name the mode: loopback, alias or nat',
    );
  }
  if (raw.mode !== undefined && (raw.kind === 'tap' || raw.kind === 'gateway')) {
    refuse(
      'mode',
      `device ${name} is a ${raw.kind}, which has no mode`,
      'leave mode out; only servers, proxies and tunnel ends have one',
    );
  }
  const ownAddress = raw.address ?? (raw.legs.only ?? raw.legs.outside)?.address;
  if (raw.mode === 'nat' && ownAddress === undefined) {
    refuse(
      'mode',
      `device ${name} is in nat mode and has no address`,
      'add the address packets are rewritten to: address: 10.0.3.11',
    );
  }
  if (raw.forwards !== undefined && raw.kind !== 'inline') {
    refuse(
      'forwards',
      `device ${name} is a ${raw.kind}, which forwards nothing`,
      'leave forwards out, or make it kind: inline',
    );
  }
  if (raw.forwards === 'bridge' && raw.mode !== undefined && raw.mode !== 'auto') {
    refuse(
      'mode',
      `device ${name} bridges and has a mode, which only the end of a tunnel has`,
      'leave mode out, or forwards: bridge',
    );
  }
  if (raw.kind === 'inline' && raw.forwards === 'bridge' && raw.legs.only !== undefined) {
    report({
      path: [...path, 'legs', 'only'],
      key: true,
      message: `device ${name} bridges with one leg; a bridge has two sides`,
      hint: 'write legs: {outside: {interface: ...}, inside: {interface: ...}}, or forwards: route',
    });
  }
  if (raw.kind !== 'inline' && raw.legs.only === undefined && raw.legs.outside !== undefined) {
    report({
      path: [...path, 'legs'],
      message: `device ${name} is a ${raw.kind} with two legs; only inline devices have two`,
      hint: 'write legs: {only: {interface: ...}}, or kind: inline',
    });
  }
}

function readLeg(
  name: string,
  device: RawDevice,
  raw: RawLeg,
  side: 'outside' | 'inside' | 'only',
  interfaces: Interfaces,
  path: Path,
  report: Report,
): Leg | undefined {
  const place = `leg ${side} of device ${name}`;
  const on = interfaces.get(raw.interface);
  if (on === undefined) {
    const message = `${place} is on interface ${raw.interface}, which does not exist`;
    report({ path: [...path, 'interface'], message, hint: didYouMean(raw.interface, [...interfaces.keys()]) });
    return undefined;
  }
  if (!on.devices) {
    const message = `${place} is on interface ${on.name}, which faces clients only`;
    report({
      path: [...path, 'interface'],
      message,
      hint: `write faces: both at interface ${on.name}, or name another one`,
    });
  }
  const vlans = raw.vlan === undefined ? on.vlans : [raw.vlan].flat();
  if (device.forwards === 'bridge') {
    for (const key of ['mac', 'address'] as const) {
      if (raw[key] === undefined) continue;
      const message = `${place} has ${key === 'mac' ? 'a mac' : 'an address'}, and a bridging device is not addressed: it gives frames back as they came`;
      report({ path: [...path, key], message, hint: `leave ${key} out, or write forwards: route` });
    }
    return { interface: raw.interface, vlans };
  }
  const address = raw.address ?? (raw.mac === undefined && side !== 'inside' ? device.address : undefined);
  if (raw.mac === undefined && address === undefined) {
    const message = `${place} has neither a mac nor an address, so nothing can be sent to it`;
    report({ path, message, hint: 'add mac: "02:00:00:00:01:01", or address: 10.0.2.5 to learn the MAC by ARP' });
  }
  return {
    interface: raw.interface,
    vlans,
    ...(raw.mac === undefined ? {} : { mac: macText(raw.mac) }),
    ...(address === undefined ? {} : { address: addressText(address) }),
  };
}
