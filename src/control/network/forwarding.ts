import { readFileSync } from 'node:fs';
import type { Model, Service } from '../../model/types.ts';

/**
 * Services whose way back is the kernel's route need its forwarding switched on where their packets come from: without,
 * the kernel tells no program any route. Sentences, one per NIC and family.
 */
export function forwardingProblems(model: Model): readonly string[] {
  const families = new Set<4 | 6>();
  for (const service of model.services.values()) {
    if (!goesByRoute(service, model)) continue;
    for (const address of service.addresses) families.add(address.includes(':') ? 6 : 4);
  }
  const nics = new Set([...model.interfaces.values()].filter(({ devices }) => devices).map(({ nic }) => nic));
  return [...families].flatMap((family) =>
    [...nics].filter((nic) => !forwards(family, nic)).map((nic) => sentence(family, nic)),
  );
}

/** As the plan has it: to one opener's device or gateway where there is one, else by route. */
function goesByRoute(service: Service, model: Model): boolean {
  if (service.outward) return false;
  const party = service.exit ?? (service.from.length === 1 ? service.from[0]! : { kind: 'route' as const });
  if (party.kind === 'route') return true;
  return party.kind === 'interface' && (model.interfaces.get(party.name)?.gateways ?? []).length === 0;
}

/** A NIC that is not there has other problems. */
function forwards(family: 4 | 6, nic: string): boolean {
  try {
    return readFileSync(`/proc/sys/net/ipv${family}/conf/${nic}/forwarding`, 'utf8').trim() !== '0';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
    throw error;
  }
}

function sentence(family: 4 | 6, nic: string): string {
  return `route answers from ${nic}: IPv${family} forwarding is off there, so they are dropped (sysctl -w net.ipv${family}.conf.${nic}.forwarding=1, or give the clients' interface a gateway)`;
}
