import { runProgram } from './ip.ts';
import { deviceToAskOn, neighbourKey } from './neighbours.ts';
import type { NetworkSnapshot } from './snapshot.ts';
import type { NeededNeighbour } from './wanted.ts';

/** What was asked of the kernel, and what cannot be asked: sentences for status and logs. */
export interface Resolution {
  readonly asked: readonly { readonly device: string; readonly address: string }[];
  readonly problems: readonly string[];
}

/**
 * Which neighbours to hand to the kernel. They become "managed" entries (Linux 5.16): the kernel resolves them and keeps them
 * fresh by itself, whether packets need them or not. It asks also where it has no address of its own (sender 0.0.0.0).
 */
export function planResolution(wanted: readonly NeededNeighbour[], network: NetworkSnapshot): Resolution {
  const asked: { device: string; address: string }[] = [];
  const problems: string[] = [];
  for (const neighbour of wanted) {
    const { nic, address, neededBy } = neighbour;
    const state = network.nics.get(nic);
    const device = deviceToAskOn(neighbour, network.vlanDevices);
    if (state === undefined)
      problems.push(`resolve ${neededBy} ${address}: there is no NIC ${nic} (is it plugged in, or renamed?)`);
    else if (!state.up) problems.push(`resolve ${neededBy} ${address}: ${nic} is down (ip link set ${nic} up)`);
    else if (device === undefined)
      problems.push(`resolve ${neededBy} ${address}: ${noVlanDevice(nic, neighbour.vlans)}`);
    else asked.push({ device, address });
  }
  return { asked, problems };
}

/** Why a neighbour that was asked for is still unknown, and what to try. */
export function unresolvedReason(neighbour: NeededNeighbour, network: NetworkSnapshot): string | undefined {
  const { nic, address, neededBy } = neighbour;
  if (network.neighbours.has(neighbourKey(nic, address))) return undefined;
  const planned = planResolution([neighbour], network).problems[0];
  if (planned !== undefined) return planned;
  const family = address.includes(':') ? 'neighbour solicitations' : 'ARP';
  const advice = hasAddressFor(nic, address, network)
    ? 'is it on and cabled? or give its mac in the definitions'
    : `the engine has no address in its subnet there, and some hosts answer only to such: ip address add SUBNET dev ${nic}, or give its mac in the definitions`;
  return `resolve ${neededBy}: ${address} does not answer ${family} on ${nic} (${advice})`;
}

/** Asks the kernel for these, once; entries it has already are refreshed. */
export async function askFor(asked: Resolution['asked']): Promise<void> {
  if (asked.length === 0) return;
  const lines = asked.map(({ device, address }) => `neighbour replace ${address} dev ${device} managed`);
  await runProgram('ip', ['-force', '-batch', '-'], `${lines.join('\n')}\n`);
}

/**
 * Has the kernel ask the neighbours it knows whether they are still there: one that was exchanged for another, and
 * said nothing, is noticed by its silence, after three seconds, and asked for anew. Meanwhile its entry is used.
 */
export async function probe(asked: Resolution['asked']): Promise<void> {
  if (asked.length === 0) return;
  const lines = asked.flatMap(({ device, address }) => [
    `neighbour change ${address} dev ${device} nud probe`,
    `neighbour replace ${address} dev ${device} managed`,
  ]);
  await runProgram('ip', ['-force', '-batch', '-'], `${lines.join('\n')}\n`);
}

/** Has the kernel resolve these as if it had a packet for them, once: clients, of which there may be many. */
export async function useNeighbours(asked: Resolution['asked']): Promise<void> {
  if (asked.length === 0) return;
  const lines = asked.map(({ device, address }) => `neighbour replace ${address} dev ${device} use`);
  await runProgram('ip', ['-force', '-batch', '-'], `${lines.join('\n')}\n`);
}

/** Gives them back to the kernel's own judgement, when the definitions no longer need them. */
export async function forget(asked: Resolution['asked']): Promise<void> {
  if (asked.length === 0) return;
  const lines = asked.map(({ device, address }) => `neighbour delete ${address} dev ${device}`);
  await runProgram('ip', ['-force', '-batch', '-'], `${lines.join('\n')}\n`).catch(() => {
    // A NIC that is gone took its neighbours along: there is nothing left to delete.
  });
}

function noVlanDevice(nic: string, vlans: readonly number[]): string {
  if (vlans.length > 1) return `behind two VLAN tags nobody can be asked (give its mac in the definitions)`;
  return `the kernel has no VLAN ${vlans[0]} on ${nic} to ask on (ip link add link ${nic} name ${nic}.${vlans[0]} type vlan id ${vlans[0]}, or give its mac in the definitions)`;
}

function hasAddressFor(nic: string, address: string, network: NetworkSnapshot): boolean {
  const version = address.includes(':');
  return (network.nics.get(nic)?.addresses ?? []).some((own) => own.address.includes(':') === version);
}
