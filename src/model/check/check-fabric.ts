/** What devices, interfaces and pools do to one another. */
import type { Segment } from '../build/interfaces.ts';
import { segmentOf } from '../build/interfaces.ts';
import type { Report } from '../problem.ts';
import type { Device, Interface, Leg } from '../types.ts';

type Interfaces = ReadonlyMap<string, Interface>;

/** Steps, `from` and `exit` name devices, pools and interfaces alike: one name, one thing. */
export function checkNames(raw: Readonly<Record<'interfaces' | 'devices' | 'pools', object>>, report: Report): void {
  const seen = new Map<string, string>();
  for (const kind of ['interfaces', 'devices', 'pools'] as const) {
    const noun = kind.slice(0, -1);
    for (const name of Object.keys(raw[kind])) {
      const other = seen.get(name);
      if (other !== undefined) {
        const message = `${name} names ${other} and ${noun} ${name}`;
        report({ path: [kind, name], key: true, message, hint: `rename one of them, as in ${name}-${noun}` });
      }
      if (name === 'route') {
        report({
          path: [kind, name],
          key: true,
          message: `${noun} route: the name is taken by "exit: route"`,
          hint: 'rename it',
        });
      }
      seen.set(name, `${noun} ${name}`);
    }
  }
}

/** Two devices, or two legs, that nobody could tell apart. */
export function checkLegs(devices: ReadonlyMap<string, Device>, interfaces: Interfaces, report: Report): void {
  const seen = gatewaysOf(interfaces);
  for (const device of devices.values()) {
    for (const [side, leg] of legsOf(device)) {
      const place = `leg ${side} of device ${device.name}`;
      for (const key of ['mac', 'address'] as const) {
        const id = `${key} ${legSegment(leg, interfaces)} ${leg[key]}`;
        const other = leg[key] === undefined ? undefined : seen.get(id);
        seen.set(id, place);
        if (other === undefined) continue;
        const written = device.address === leg[key] ? ['address'] : ['legs', side, key];
        report({
          path: ['devices', device.name, ...written],
          message: `${place} and ${other} have one ${key} on one segment (${leg.interface}): ${leg[key]}`,
          hint: `correct the ${key} of one of them, or make them one device (a device with one leg: legs: {only: ...})`,
        });
      }
    }
  }
}

/** What routers have, by kind, segment and value. */
function gatewaysOf(interfaces: Interfaces): Map<string, string> {
  const seen = new Map<string, string>();
  for (const { name, nic, vlans, gateways } of interfaces.values()) {
    const segment = segmentOf(nic, vlans);
    for (const { address, mac } of gateways) {
      seen.set(`address ${segment} ${address}`, `the gateway of interface ${name}`);
      if (mac !== undefined) seen.set(`mac ${segment} ${mac}`, `the gateway of interface ${name}`);
    }
  }
  return seen;
}

/** A bridging device needs two segments, and no other one between the same two. */
export function checkBridges(devices: ReadonlyMap<string, Device>, interfaces: Interfaces, report: Report): void {
  const pairs = new Map<string, string>();
  for (const { name, forwards, outside, inside, oneLegged } of devices.values()) {
    if (forwards !== 'bridge' || oneLegged) continue;
    const [a, b] = [legSegment(outside, interfaces), legSegment(inside, interfaces)];
    if (a === b) {
      const message = `bridging device ${name} has both legs on one segment (${outside.interface})`;
      report({
        path: ['devices', name, 'legs', 'inside', 'interface'],
        message,
        hint: 'put its inside leg on another interface or VLAN',
      });
      continue;
    }
    const pair = [a, b].sort().join(' ');
    const other = pairs.get(pair);
    if (other !== undefined) {
      const message = `bridging devices ${other} and ${name} lie between the same two segments (${outside.interface}, ${inside.interface}), which is a loop`;
      report({
        path: ['devices', name, 'legs'],
        message,
        hint: 'give each bridging device interfaces or VLANs of its own',
      });
    }
    pairs.set(pair, name);
  }
}

function legSegment(leg: Leg, interfaces: Interfaces): Segment {
  return segmentOf(interfaces.get(leg.interface)!.nic, leg.vlans);
}

function legsOf({ outside, inside, oneLegged }: Device): [string, Leg][] {
  return oneLegged
    ? [['only', outside]]
    : [
        ['outside', outside],
        ['inside', inside],
      ];
}
