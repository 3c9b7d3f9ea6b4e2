import type { Path, Report } from '../problem.ts';
import type { RawInterface } from '../schema/schema.ts';
import type { Interface } from '../types.ts';
import { addressText, familyOf, macText } from '../words.ts';

/** NIC and tags: two interfaces, or two legs, with one of these are at the same place. */
export type Segment = string;

export function segmentOf(nic: string, vlans: readonly number[]): Segment {
  return [nic, ...vlans].join('.');
}

/** Interfaces with their defaults. */
export function readInterfaces(raw: Readonly<Record<string, RawInterface>>, report: Report): Map<string, Interface> {
  const interfaces = new Map<string, Interface>();
  const seen = new Map<Segment, string>();
  for (const [name, each] of Object.entries(raw)) {
    const path = ['interfaces', name];
    const read = readInterface(name, each, path, report);
    const segment = segmentOf(read.nic, read.vlans);
    const other = seen.get(segment);
    if (other !== undefined) {
      const where = read.vlans.length === 0 ? 'untagged' : `VLAN ${read.vlans.join('.')}`;
      report({
        path,
        key: true,
        message: `interfaces ${other} and ${name} are the same segment: nic ${read.nic}, ${where}`,
        hint: 'make them one interface, or give one of them another nic or vlan',
      });
    }
    seen.set(segment, name);
    interfaces.set(name, read);
  }
  return interfaces;
}

function readInterface(name: string, raw: RawInterface, path: Path, report: Report): Interface {
  const faces = [raw.faces ?? 'devices'].flat();
  const gateways = [raw.gateway ?? []].flat().map(addressText);
  for (const family of [4, 6]) {
    const same = gateways.filter((address) => familyOf(address) === family);
    if (same.length > 1) {
      report({
        path: [...path, 'gateway'],
        message: `interface ${name} has two IPv${family} gateways: ${same.join(' and ')}`,
        hint: 'keep one gateway of each family; a standby router shares its address (VRRP)',
      });
    }
  }
  if (raw.gateway_mac !== undefined && gateways.length === 0) {
    report({
      path: [...path, 'gateway_mac'],
      key: true,
      message: `interface ${name} has a gateway_mac and no gateway`,
      hint: 'add the address of the router: gateway: 192.0.2.1',
    });
  }
  const mac = raw.gateway_mac === undefined ? {} : { mac: macText(raw.gateway_mac) };
  return {
    name,
    nic: raw.nic ?? name,
    vlans: [raw.vlan ?? []].flat(),
    clients: faces.some((face) => face !== 'devices'),
    devices: faces.some((face) => face !== 'clients'),
    gateways: gateways.map((address) => ({ address, ...mac })),
  };
}
