/** What a lab is made of, as plain values: hosts, their legs, and the segments these legs are plugged into. */

/** One NIC of a host. */
export interface LegSpec {
  /** Segment it is plugged into: an interface of the engine ("i0"), or any other name for a segment between hosts. */
  readonly on: string;
  /** Default 02:00:00:00:HH:LL: number of the host and of the leg, from 1, in the order of the topology. */
  readonly mac?: string;
  /** With prefix length: "10.0.1.11/24". */
  readonly addresses?: readonly string[];
  readonly mtu?: number;
}

/** A host in a network namespace of its own. */
export interface HostSpec {
  /** By NIC name. */
  readonly legs: Readonly<Record<string, LegSpec>>;
  /** Addresses on its loopback NIC, without prefix length: a server's service addresses. */
  readonly owns?: readonly string[];
  /** As behind `ip route add`: "default via 10.0.1.1". */
  readonly routes?: readonly string[];
  /** As behind `ip neighbour add`: "10.0.1.1 lladdr 02:00:00:00:ee:01 dev eth0". */
  readonly neighbours?: readonly string[];
  /** Other lines for `ip -batch`, after the routes. */
  readonly ip?: readonly string[];
  /** Routes between its legs. */
  readonly forwards?: boolean;
  /** Bridges its legs (NIC br0). */
  readonly bridges?: boolean;
  /** Below /proc/sys/net/: {"ipv4/conf/all/arp_ignore": 1}. */
  readonly sysctls?: Readonly<Record<string, number>>;
  /** A file for `nft -f`. */
  readonly nft?: string;
}

/** A whole lab. The engine's interface iN is on segment iN. */
export interface Topology {
  /** Addresses of the engine by interface, with prefix length. */
  readonly engine: Readonly<Record<string, readonly string[]>>;
  readonly hosts: Readonly<Record<string, HostSpec>>;
}

/** A NIC of a host, by their names. */
export interface End {
  readonly host: string;
  readonly nic: string;
}

/** The name the engine has among the hosts, and that of the host all bridges between hosts live in. */
export const ENGINE = 'engine';
export const SWITCH = 'switch';

const two = (value: number): string => value.toString(16).padStart(2, '0');

/** The engine as a host: E1_M, the MAC of i1, is 02:00:00:00:ee:01. Its NICs need no offload settings. */
export function engineHost(topology: Topology): HostSpec {
  const legs = Object.entries(topology.engine).map(([nic, addresses]) => [
    nic,
    { on: nic, mac: `02:00:00:00:ee:${two(Number(nic.slice(1)))}`, addresses },
  ]);
  return { legs: Object.fromEntries(legs) as Record<string, LegSpec> };
}

/** Every host, the engine first, with the MAC of every leg filled in. */
export function allHosts(topology: Topology): ReadonlyMap<string, HostSpec> {
  const hosts = new Map<string, HostSpec>([[ENGINE, engineHost(topology)]]);
  Object.entries(topology.hosts).forEach(([name, host], number) => {
    const legs = Object.entries(host.legs).map(([nic, leg], place) => [
      nic,
      { mac: `02:00:00:00:${two(number + 1)}:${two(place + 1)}`, ...leg },
    ]);
    hosts.set(name, { ...host, legs: Object.fromEntries(legs) as Record<string, LegSpec> });
  });
  return hosts;
}
