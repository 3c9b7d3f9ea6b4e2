import type { Device, Service } from '../../model/types.ts';
import { type AddressWords, isIpv4, parseAddress } from '../../terms/address.ts';
import { type Site, Unable } from './site.ts';
import { synFrame } from './syn.ts';
import type { Draft } from './through.ts';
import type { Materials } from './types.ts';

interface Asked {
  readonly port: number;
  readonly address?: string;
}

/**
 * A SYN for a device: to its own address where it is `nat`, else to the service's. What an inline device is handed goes
 * through it like a client's packet, and the server behind answers. @throws Unable
 */
export function handshakeDraft(site: Site, device: Device, asked: Asked, { sources }: Materials): Draft {
  const outside = site.ready(device, 'outside');
  const isEnd = device.kind !== 'inline' || device.mode !== undefined;
  const service = serviceOf(site, device, asked);
  const destination = addressOf(device, asked, service);
  const source = parseAddress(isIpv4(destination) ? sources.v4 : sources.v6);
  if (source === undefined) throw new Unable('the source of handshakes is no address (`health: {source: ...}`)');
  const arrivesFrom = isEnd ? answerer(site, device) : answerer(site, serverOf(site, device, service));
  const { port } = asked;
  const { link, nic, plan } = outside;
  return {
    ...(service !== undefined && { service }),
    make: (id) => ({
      id,
      kind: 'handshake',
      ...synFrame({ link, ends: { source, destination }, port, id, mtu: nic.mtu }),
      ifindex: plan.ifindex,
      arrivesFrom,
    }),
  };
}

function addressOf(device: Device, { address, port }: Asked, service: Service | undefined): AddressWords {
  // Where the mode is tried again, the address that is asked is what matters.
  const own =
    device.mode === 'nat' && device.auto !== 'checked' ? (device.address ?? device.outside.address) : undefined;
  const text = own ?? address ?? service?.addresses[0];
  const words = text === undefined ? undefined : parseAddress(text.split('/')[0]!);
  if (words !== undefined) return words;
  throw new Unable(`no service with port ${port} uses it (handshake: {port: ${port}, address: ADDRESS})`);
}

/** Leg that the answers of an end device come from: its own, or of the first that answers in its place. */
function answerer(site: Site, device: Device): number {
  const [other] = device.answeredBy;
  return site.legNumber(other === undefined ? device : site.device(other), 'outside');
}

/** Whoever answers behind an inline device. */
function serverOf(site: Site, device: Device, service: Service | undefined): Device {
  const last = service?.sequence.findLast((step) => step.kind === 'through');
  const target = last?.kind === 'through' ? last.target : undefined;
  const name = target === undefined ? undefined : (site.watched.model.pools.get(target)?.active ?? target);
  if (name === undefined || name === device.name) {
    throw new Unable('no server behind it answers (ask it `through`, or a server of its service)');
  }
  return site.device(name);
}

/** The first service that this device or a pool of it works for, at the port that is asked. */
function serviceOf({ watched: { model } }: Site, device: Device, { port, address }: Asked): Service | undefined {
  const names = new Set([device.name]);
  for (const { name, members } of model.pools.values()) if (members.includes(device.name)) names.add(name);
  for (const service of model.services.values()) {
    if (service.protocol !== 'tcp' || service.outward) continue;
    if (address !== undefined && !service.addresses.includes(address)) continue;
    const step = service.sequence.find((each) => each.kind === 'through' && names.has(each.target));
    if (step?.kind !== 'through') continue;
    if (step.port === port || service.ports === 'any') return service;
    if (service.ports.some(({ from, to }) => from <= port && port <= to)) return service;
  }
  return undefined;
}
