import type { Service } from '../model/types.ts';
import { type AddressWords, sameAddress } from '../terms/address.ts';
import { Known } from '../terms/constants.ts';
import type { End } from './ends.ts';
import type { DevicePlace, Places } from './place-types.ts';
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
  const members: DevicePlace[] = [];
  let before: AddressWords | undefined;
  for (const { identity, node } of out) {
    if (identity.address !== before) sink.known(identity.address, Known.KNOWN_SERVICE);
    before = identity.address;
    if (node !== undefined) members.push(...node.members);
  }
  if (!service.outward) {
    for (const { device, own } of members) {
      if (device.mode === 'nat' && own !== undefined) sink.known(own, Known.KNOWN_DEVICE);
    }
  }
  const openers: DevicePlace[] = [];
  for (const { name, kind } of service.from) {
    const place = kind === 'device' ? places.devices.get(name) : undefined;
    if (place !== undefined) openers.push(place);
  }
  const answer = (own: AddressWords, end: End): void => {
    for (const { segment, leg } of end.segments) {
      if (!isAnswered(own, segment.name, members, openers)) sink.answer(own, leg);
    }
  };
  // Whoever opens an outward service answers for its address; nobody may for one it is translated to.
  if (!service.outward) answer(address, opener);
  const last = out.at(-1)!.identity.address;
  if (far !== undefined && !sameAddress(last, address)) answer(last, far);
}

/** Whether somebody on the segment answers already: whose own address it is, or a server that takes it as its own. */
function isAnswered(
  address: AddressWords,
  segment: string,
  members: readonly DevicePlace[],
  openers: readonly DevicePlace[],
): boolean {
  const isThere = ({ device }: DevicePlace): boolean =>
    device.outside.interface === segment || device.inside.interface === segment;
  const owns = ({ own }: DevicePlace): boolean => own !== undefined && sameAddress(own, address);
  const takes = ({ device }: DevicePlace): boolean => device.mode === 'loopback' || device.mode === 'alias';
  return (
    members.some((each) => isThere(each) && (takes(each) || owns(each))) ||
    openers.some((each) => isThere(each) && owns(each))
  );
}
