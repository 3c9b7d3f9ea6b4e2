/** The hosts scenarios are made of, by the part they play. */
import type { HostSpec, LegSpec } from './topology.ts';

/** A client behind a router; the router's leg on the engine's segment is R_M. */
export interface Outside {
  /** Engine's interface the router is on. */
  readonly on: string;
  /** Client's address and the router's beside it, with prefix length. */
  readonly client: readonly string[];
  readonly clientGateway: readonly string[];
  /** The router's address on the engine's segment, with prefix length. */
  readonly router: readonly string[];
  /** Routes of the router: how it finds service addresses. */
  readonly routes: readonly string[];
}

const bare = (address: string): string => address.split('/')[0] ?? address;

/** Two hosts, `client` and `router` (its leg eth0 towards the engine, eth1 towards the client). */
export function clientBehindRouter(outside: Outside): { readonly client: HostSpec; readonly router: HostSpec } {
  const segment = `${outside.on}far`;
  return {
    client: {
      legs: { eth0: { on: segment, addresses: outside.client } },
      routes: outside.clientGateway.map((address) => `default via ${bare(address)}`),
    },
    router: {
      legs: {
        eth0: { on: outside.on, addresses: outside.router },
        eth1: { on: segment, addresses: outside.clientGateway },
      },
      forwards: true,
      routes: outside.routes,
    },
  };
}

/** A server with one leg. */
export interface ServerFields {
  readonly on: string;
  readonly addresses: readonly string[];
  /** The engine's own addresses on that interface. */
  readonly gateways: readonly string[];
  /** Service addresses it answers for (loopback or alias). */
  readonly owns?: readonly string[];
}

/** Answers for service addresses on its loopback NIC, and asks or answers ARP for none of them. */
export function loopbackServer(fields: ServerFields): HostSpec {
  return {
    ...natServer(fields),
    owns: fields.owns ?? [],
    sysctls: { 'ipv4/conf/all/arp_ignore': 1, 'ipv4/conf/all/arp_announce': 2 },
  };
}

/** Has the service addresses on its NIC, beside its own, and answers ARP for none of them: definitions give its MAC. */
export function aliasServer(fields: ServerFields): HostSpec {
  const owned = (fields.owns ?? []).map((address) => `address add ${address} dev eth0 nodad`);
  return {
    ...natServer(fields),
    ip: owned,
    sysctls: { 'ipv4/conf/all/arp_ignore': 8, 'ipv4/conf/all/arp_announce': 2 },
  };
}

/** Has only its own address; the engine is its default route. */
export function natServer(fields: ServerFields): HostSpec {
  return {
    legs: { eth0: { on: fields.on, addresses: fields.addresses } },
    routes: fields.gateways.map((address) => `default via ${bare(address)}`),
  };
}

/** A device between two segments. */
export interface BetweenFields {
  readonly outside: LegSpec;
  readonly inside: LegSpec;
  /** As behind `ip route add`. */
  readonly routes?: readonly string[];
  /** A file for `nft -f`; default: lets all pass, counting. */
  readonly nft?: string;
}

const COUNT_ROUTED = `table inet firewall {
  chain forward { type filter hook forward priority 0; policy accept; counter; }
}`;

const COUNT_BRIDGED = `table bridge firewall {
  chain forward { type filter hook forward priority 0; policy accept; counter; }
}`;

/** A routing firewall (nftables): leg `fw0` outside, `fw1` inside. */
export function routingFirewall(fields: BetweenFields): HostSpec {
  return {
    legs: { fw0: fields.outside, fw1: fields.inside },
    forwards: true,
    routes: fields.routes ?? [],
    nft: fields.nft ?? COUNT_ROUTED,
  };
}

/** A bridging firewall (nftables): leg `fw0` outside, `fw1` inside, no addresses. */
export function bridgingFirewall(fields: BetweenFields): HostSpec {
  return { legs: { fw0: fields.outside, fw1: fields.inside }, bridges: true, nft: fields.nft ?? COUNT_BRIDGED };
}

/** A silent listener: its leg sees what is addressed to its MAC. */
export function listener(on: string): HostSpec {
  return { legs: { eth0: { on } } };
}
