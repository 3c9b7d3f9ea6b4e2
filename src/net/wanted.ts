import { gatewayLegName } from '../model/leg-names.ts';
import type { Model } from '../model/types.ts';
import type { WantedNeighbour } from './neighbours.ts';

/** A wanted neighbour and what needs it, for messages: "fw1.outside", "gateway of i0". */
export interface NeededNeighbour extends WantedNeighbour {
  readonly neededBy: string;
  /** Name of the leg in the tables that gets the MAC. */
  readonly leg: string;
}

/** Every neighbour whose MAC the definitions leave to ARP and ND: legs and gateways given by address alone. */
export function wantedNeighbours(model: Model): readonly NeededNeighbour[] {
  return [...legNeighbours(model), ...gatewayNeighbours(model)];
}

function legNeighbours(model: Model): readonly NeededNeighbour[] {
  const wanted: NeededNeighbour[] = [];
  for (const device of model.devices.values()) {
    if (device.kind === 'inline' && device.forwards === 'bridge') continue;
    const sides = device.oneLegged ? (['outside'] as const) : (['outside', 'inside'] as const);
    for (const side of sides) {
      const leg = device[side];
      const segment = model.interfaces.get(leg.interface);
      const address = leg.address ?? device.address;
      if (leg.mac !== undefined || address === undefined || segment === undefined) continue;
      const name = `${device.name}.${device.oneLegged ? 'only' : side}`;
      const vlans = leg.vlans.length > 0 ? leg.vlans : segment.vlans;
      wanted.push({ nic: segment.nic, vlans, address, neededBy: name, leg: name });
    }
  }
  return wanted;
}

function gatewayNeighbours(model: Model): readonly NeededNeighbour[] {
  return [...model.interfaces.values()].flatMap((segment) =>
    segment.gateways.flatMap(({ address, mac }, place) => {
      if (mac !== undefined) return [];
      const leg = place === 0 ? segment.name : gatewayLegName(segment, address);
      return [{ nic: segment.nic, vlans: segment.vlans, address, neededBy: `gateway of ${segment.name}`, leg }];
    }),
  );
}
