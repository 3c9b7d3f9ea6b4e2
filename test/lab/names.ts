/** The names tables use for the MACs of a lab. */
import type { Lab } from './lab.ts';
import type { Names } from './table.ts';

/**
 * E0_M for the engine's i0; R_M for the router's leg on the engine's segment; S1_M for the only leg of host s1; FW0_M and FW1_M for
 * the legs of host fw; and whatever else is given.
 */
export function namesOf(lab: Lab, more: Names = {}): Names {
  const names: Record<string, string | number> = {};
  for (const nic of Object.keys(lab.topology.engine)) {
    names[`E${nic.slice(1)}_M`] = lab.engine.mac(nic);
  }
  for (const [name, { legs }] of Object.entries(lab.topology.hosts)) {
    const nics = Object.keys(legs);
    nics.forEach((nic, place) => {
      names[`${name.toUpperCase()}${nics.length === 1 ? '' : place}_M`] = lab.host(name).mac(nic);
    });
  }
  if (names.ROUTER0_M !== undefined) {
    names.R_M = names.ROUTER0_M;
  }
  return { ...names, ...more };
}
