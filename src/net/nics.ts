import type { NicState } from '../plan/network.ts';

/** One row of `ip -j -d address`, as far as it is read here. */
export interface IpAddressRow {
  readonly ifname: string;
  readonly ifindex: number;
  readonly link?: string;
  readonly link_index?: number;
  readonly link_netnsid?: number;
  readonly address?: string;
  readonly mtu: number;
  readonly flags: readonly string[];
  readonly linkinfo?: { readonly info_kind?: string; readonly info_data?: { readonly id?: number } };
  readonly addr_info?: readonly {
    readonly family: string;
    readonly local?: string;
    readonly prefixlen?: number;
    readonly scope?: string;
    readonly temporary?: boolean;
  }[];
}

/** A kernel's VLAN device: where the kernel asks for neighbours of that VLAN. */
export interface VlanDevice {
  readonly name: string;
  readonly parent: string;
  readonly id: number;
}

/** Ethernet NICs by name; what has no MAC of six bytes (loopback's is all zero, tunnels have none) is left out. */
export function parseNics(rows: readonly IpAddressRow[]): ReadonlyMap<string, NicState> {
  const nics = new Map<string, NicState>();
  for (const row of rows) {
    if (row.address === undefined || !/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(row.address)) continue;
    if (row.flags.includes('LOOPBACK')) continue;
    nics.set(row.ifname, {
      name: row.ifname,
      ifindex: row.ifindex,
      mac: row.address,
      mtu: row.mtu,
      up: row.flags.includes('UP'),
      carrier: row.flags.includes('LOWER_UP'),
      addresses: addressesOf(row),
    });
  }
  return nics;
}

/** The VLAN devices among them. */
export function parseVlanDevices(rows: readonly IpAddressRow[]): readonly VlanDevice[] {
  return rows.flatMap((row) => {
    const id = row.linkinfo?.info_data?.id;
    if (row.linkinfo?.info_kind !== 'vlan' || row.link === undefined || id === undefined) return [];
    return [{ name: row.ifname, parent: row.link, id }];
  });
}

function addressesOf(row: IpAddressRow): NicState['addresses'] {
  return (row.addr_info ?? []).flatMap(({ local, prefixlen, scope, temporary }) => {
    if (local === undefined || prefixlen === undefined) return [];
    if (scope !== 'global' && scope !== 'link') return [];
    return [{ address: local, prefix: prefixlen, scope, ...(temporary === true && { temporary }) } as const];
  });
}
