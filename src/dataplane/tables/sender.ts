import type { InterfacePlan, OriginPlan } from '../../plan/types.ts';
import { parseAddress } from '../../terms/address.ts';
import { InterfaceFlag, Limit, Lookup } from '../../terms/constants.ts';
import { addressBytes, macBytes, words32 } from '../codec/bytes.ts';
import { encode } from '../codec/codec.ts';
import { INTERFACE, ORIGIN } from '../codec/field-words.ts';
import { Interface, Origin } from '../codec/layout.ts';

/** `struct origin` as 32-bit words. The first two and the fifth are what it is found by. */
export type SenderImage = Uint32Array;

export function senderImage(plan: OriginPlan): SenderImage {
  return words32(
    encode(Origin, {
      mac: macBytes(plan.mac),
      interface: plan.interfaceNumber + 1,
      leg: plan.leg,
      lookups: plan.lookups | (plan.bridged ? Lookup.ORIGIN_BRIDGED : 0),
      vlan: plan.vlans,
    }),
  );
}

/** What a sender is found by, as text. */
export function senderKey(image: SenderImage): string {
  return `${image[ORIGIN.MAC_INTERFACE]}.${image[ORIGIN.MAC_INTERFACE + 1]}.${image[ORIGIN.VLANS]}`;
}

export const interfaceNumberOf = (image: SenderImage): number => (image[ORIGIN.MAC_INTERFACE + 1]! >>> 16) - 1;

/** Whoever is on a VLAN: stands in `origins` only. */
const isAnybody = (image: SenderImage): boolean =>
  image[ORIGIN.MAC_INTERFACE] === 0 && (image[ORIGIN.MAC_INTERFACE + 1]! & 0xffff) === 0;

/** Interface entries and what has no room in them. */
export interface SenderLayout {
  readonly interfaces: readonly { readonly plan: InterfacePlan; readonly image: Uint32Array }[];
  readonly table: readonly SenderImage[];
}

/** Deals senders out: the first few of an interface into its own entry, the others into `origins`. */
export function layOutSenders(plans: readonly InterfacePlan[], senders: Iterable<SenderImage>): SenderLayout {
  const byInterface = new Map<number, SenderImage[]>();
  for (const image of senders) {
    const number = interfaceNumberOf(image);
    byInterface.set(number, [...(byInterface.get(number) ?? []), image]);
  }
  const table: SenderImage[] = [];
  const interfaces = plans.map((plan) => {
    const all = byInterface.get(plan.number) ?? [];
    const named = all.filter((image) => !isAnybody(image));
    const anybody = all.filter(isAnybody);
    const own = named.slice(0, Limit.INLINE_ORIGINS);
    const more = named.slice(Limit.INLINE_ORIGINS);
    table.push(...more, ...anybody);
    const flags =
      (more.length > 0 ? InterfaceFlag.INTERFACE_MORE : 0) |
      (anybody.length > 0 ? InterfaceFlag.INTERFACE_TAGGED : 0) |
      (plan.egress ? InterfaceFlag.INTERFACE_EGRESS : 0);
    return { plan, image: interfaceImage(plan, own, flags) };
  });
  return { interfaces, table };
}

function interfaceImage(plan: InterfacePlan, own: readonly SenderImage[], flags: number): Uint32Array {
  const image = words32(
    encode(Interface, {
      ifindex: plan.ifindex,
      number: plan.number,
      flags,
      mac: macBytes(plan.mac),
      mtu: Math.min(plan.mtu, 0xffff),
      segment: plan.segment,
      segmentLookups: plan.segmentLookups,
      address4:
        plan.address4 && parseAddress(plan.address4) ? addressBytes(plan.address4).slice(12) : new Uint8Array(4),
      originCount: own.length,
      address6: addressBytes(plan.address6),
      linkLocal: addressBytes(plan.linkLocal),
      origins: Array.from({ length: Limit.INLINE_ORIGINS }, () => NOBODY),
    }),
  );
  for (const [i, sender] of own.entries()) image.set(sender, INTERFACE.ORIGINS + i * ORIGIN.WORDS);
  return image;
}

const NOBODY = { mac: new Uint8Array(6), interface: 0, leg: 0, lookups: 0, vlan: [0, 0] };
