import type { Service } from '../model/types.ts';
import { type AddressWords, sameAddress } from './address.ts';
import type { End } from './ends.ts';
import { Known } from './layout.ts';
import type { DevicePlace, Places } from './places.ts';
import type { Hop } from './sequence.ts';
import type { Sink } from './sink.ts';

/** A service at one of its addresses, laid out. */
export interface Course {
  readonly service: Service;
  readonly places: Places;
  readonly out: readonly Hop[];
  readonly opener: End;
  /** Where an outward way leaves the engine, unless a device is its end. */
  readonly far: End | undefined;
  readonly address: AddressWords;
}

/** Whose addresses the service uses, and where somebody has to answer ARP and ND for them. */
export function guard({ service, places, out, opener, far, address }: Course, sink: Sink): void {
  for (const each of new Set(out.map(({ identity }) => identity.address))) sink.known(each, Known.KNOWN_SERVICE);
  const members = out.flatMap(({ node }) => node?.members ?? []);
  for (const { device, own } of members) {
    if (device.mode === 'nat' && own !== undefined && !service.outward) sink.known(own, Known.KNOWN_DEVICE);
  }
  const openers = service.from.flatMap(({ name, kind }) => (kind === 'device' ? (places.devices.get(name) ?? []) : []));
  const answer = (own: AddressWords, end: End): void => {
    const answered = segmentsThatAnswer(own, members, openers);
    for (const { segment, leg } of end.segments) if (!answered.has(segment.name)) sink.answer(own, leg);
  };
  // Whoever opens an outward service answers for its address; nobody may for one it is translated to.
  if (!service.outward) answer(address, opener);
  const last = out.at(-1)!.identity.address;
  if (far !== undefined && !sameAddress(last, address)) answer(last, far);
}

/** Where somebody answers already: whose own address it is, or a server that takes it as its own. */
function segmentsThatAnswer(
  address: AddressWords,
  members: readonly DevicePlace[],
  openers: readonly DevicePlace[],
): Set<string> {
  const owns = ({ own }: DevicePlace): boolean => own !== undefined && sameAddress(own, address);
  const takes = ({ device }: DevicePlace): boolean => device.mode === 'loopback' || device.mode === 'alias';
  const answering = [...members.filter((each) => owns(each) || takes(each)), ...openers.filter(owns)];
  return new Set(answering.flatMap(({ device }) => [device.outside.interface, device.inside.interface]));
}
