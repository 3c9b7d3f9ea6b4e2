/** Legs of devices and of gateways, by the names they have in tables, counters and messages. */
import type { Device, Interface, Leg } from './types.ts';

/** "fw1.outside", "ids1.only". */
export function legName(device: Device, side: 'outside' | 'inside'): string {
  return `${device.name}.${device.oneLegged ? 'only' : side}`;
}

/** The legs of a device, once each. */
export function legsOf(device: Device): readonly { readonly side: 'outside' | 'inside'; readonly leg: Leg }[] {
  const outside = { side: 'outside', leg: device.outside } as const;
  return device.oneLegged ? [outside] : [outside, { side: 'inside', leg: device.inside }];
}

/** Name of the leg that stands for a gateway of the other family than the interface's first one. */
export function gatewayLegName(segment: Interface, address: string): string {
  return `${segment.name}.${address.includes(':') ? 'ipv6' : 'ipv4'}`;
}
