import type { Fabric, LegPlan, Mac } from '../../plan/types.ts';

/**
 * MACs that legs had when they were known last. A device that dies is forgotten by ARP too: it is asked at its old MAC
 * until it has another, or it would never be missed.
 */
export class LastMacs {
  #macs = new Map<string, Mac>();

  fill(fabric: Fabric): Fabric {
    const before = this.#macs;
    this.#macs = new Map();
    const legs = fabric.legs.map((leg): LegPlan => {
      const mac = leg.mac ?? before.get(leg.name);
      if (mac === undefined) return leg;
      this.#macs.set(leg.name, mac);
      return leg.mac === null ? { ...leg, mac } : leg;
    });
    return { ...fabric, legs };
  }
}
