import type { Path, Report } from '../problem.ts';
import type { RawService } from '../schema/schema.ts';
import { didYouMean } from '../suggest.ts';
import type { Party, Ports, Protocol, Service } from '../types.ts';
import { addressText } from '../words.ts';
import type { Fabric } from './fabric.ts';
import { hasPorts, portsOf, portText, protocolOf } from './ports.ts';
import { readSteps } from './steps.ts';

/** One service with its defaults; undefined when it refers to something that is not there. */
export function readService(name: string, raw: RawService, fabric: Fabric, report: Report): Service | undefined {
  const path = ['services', name];
  let faults = 0;
  const count: Report = (fault) => {
    faults++;
    report(fault);
  };
  const protocol = protocolOf(raw.protocol ?? 'tcp');
  const outward = raw.outward ?? false;
  const addresses = typeof raw.address === 'string' ? [addressText(raw.address)] : raw.address.map(addressText);
  // An outward sequence may end in the interface it leaves by: that is its exit.
  const last = raw.sequence.at(-1);
  const leavesBy = outward && typeof last === 'string' && fabric.interfaces.has(last) ? last : undefined;
  const written = leavesBy === undefined ? raw.sequence : raw.sequence.slice(0, -1);
  const where = { service: name, fabric, report: count };
  const sequence = readSteps(written, [...path, 'sequence'], where);
  const back = raw.return === undefined ? undefined : readSteps(raw.return, [...path, 'return'], where);
  const from = readFrom(name, raw, addresses, fabric, path, count);
  const exit = readExit(name, raw, leavesBy, fabric, path, count);
  const ports = readPorts(name, raw, protocol, outward, path, count);
  if (faults > 0) return undefined;
  const { customer } = raw;
  // Most services have no more: they are written without what a spread costs.
  if (exit === undefined && back === undefined && customer !== undefined)
    return { name, customer, addresses, protocol, ports, outward, from, sequence };
  return {
    name,
    ...(customer === undefined ? {} : { customer }),
    addresses,
    protocol,
    ports,
    outward,
    from,
    ...(exit === undefined ? {} : { exit }),
    sequence,
    ...(back === undefined ? {} : { return: back }),
  };
}

function readPorts(
  name: string,
  raw: RawService,
  protocol: Protocol,
  outward: boolean,
  path: Path,
  report: Report,
): Ports {
  const ports = raw.port === undefined ? 'any' : portsOf(raw.port);
  if (!hasPorts(protocol) && ports !== 'any') {
    const message = `service ${name} has a port, and protocol ${protocol} has none`;
    report({ path: [...path, 'port'], message, hint: 'leave port out, or write protocol: tcp or udp' });
  }
  if (hasPorts(protocol) && raw.port === undefined && !outward) {
    report({
      path,
      key: true,
      message: `service ${name} has no port`,
      hint: 'add port: 443, a range as in "1025-1125", or port: any',
    });
  }
  if (ports !== 'any') {
    const clash = ports.findIndex(({ from }, i) => i > 0 && from <= ports[i - 1]!.to);
    if (clash > 0) {
      const [a, b] = [ports[clash - 1]!, ports[clash]!];
      const message = `service ${name} has overlapping ports: ${portText(a.from, a.to)} and ${portText(b.from, b.to)}`;
      report({ path: [...path, 'port'], message, hint: 'make them one range, or leave one of them out' });
    }
  }
  return ports;
}

function readFrom(
  name: string,
  raw: RawService,
  addresses: readonly string[],
  fabric: Fabric,
  path: Path,
  report: Report,
): readonly Party[] {
  if (raw.from !== undefined) {
    const parties: Party[] = [];
    for (const [i, each] of [raw.from].flat().entries()) {
      const place = [...path, 'from', ...(Array.isArray(raw.from) ? [i] : [])];
      const party = partyOf(each, fabric);
      if (party === undefined) {
        const message = `service ${name} is opened from ${each}, which is neither an interface nor a device`;
        report({ path: place, message, hint: didYouMean(each, partyNames(fabric)) });
      } else parties.push(party);
    }
    return parties;
  }
  if (raw.outward) {
    const owners = [...fabric.devices.values()].filter(
      ({ address }) => address !== undefined && addresses.includes(address),
    );
    if (owners.length === 0) {
      const message = `outward service ${name}: no device has the address ${addresses.join(', ')} that opens`;
      report({ path: [...path, 'address'], message, hint: 'name the device or interface that opens: from: [proxy1]' });
    }
    return owners.map((device) => ({ kind: 'device', name: device.name }));
  }
  if (fabric.clients.length === 0) {
    const message = `service ${name} can be opened by nobody: no interface faces clients`;
    report({ path, key: true, message, hint: 'write faces: clients at an interface, or from: [app1] at the service' });
  }
  return fabric.clients;
}

function readExit(
  name: string,
  raw: RawService,
  leavesBy: string | undefined,
  fabric: Fabric,
  path: Path,
  report: Report,
): Service['exit'] {
  const written = leavesBy ?? raw.exit;
  if (written === undefined) return undefined;
  if (leavesBy !== undefined && raw.exit !== undefined && raw.exit !== leavesBy) {
    const message = `outward service ${name} leaves by ${leavesBy} at the end of its sequence and by ${raw.exit} in exit`;
    report({ path: [...path, 'exit'], message, hint: 'name the interface once' });
  }
  const place = leavesBy === undefined ? [...path, 'exit'] : [...path, 'sequence', raw.sequence.length - 1];
  if (written === 'route') return { kind: 'route' };
  const party = partyOf(written, fabric);
  if (party === undefined) {
    const message = `service ${name} exits to ${written}, which is neither an interface nor a device`;
    report({ path: place, message, hint: didYouMean(written, ['route', ...partyNames(fabric)]) });
    return undefined;
  }
  const on = fabric.interfaces.get(written);
  if (on !== undefined && on.gateways.length === 0) {
    const message = `service ${name} exits to interface ${written}, which has no gateway`;
    report({ path: place, message, hint: `add a gateway to interface ${written}, or write exit: route` });
  } else if (on !== undefined && raw.outward && !on.clients) {
    const message = `outward service ${name} leaves by interface ${written}, which faces no clients`;
    report({ path: place, message, hint: `write faces: clients at interface ${written}, or end in a gateway` });
  }
  return party;
}

function partyOf(name: string, fabric: Fabric): Party | undefined {
  if (fabric.interfaces.has(name)) return { kind: 'interface', name };
  return fabric.devices.has(name) ? { kind: 'device', name } : undefined;
}

function partyNames({ interfaces, devices }: Fabric): string[] {
  return [...interfaces.keys(), ...devices.keys()];
}
