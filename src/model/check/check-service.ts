/** Rules about one service's sequence that need no other service. */
import { Limit } from '../../terms/constants.ts';
import type { Fabric } from '../build/fabric.ts';
import { hasPorts } from '../build/ports.ts';
import type { Path, Report } from '../problem.ts';
import type { Device, Ports, Service, Step } from '../types.ts';
import { a, familyOf } from '../words.ts';
import { checkBypass, nextPools } from './check-ways.ts';

type Through = Extract<Step, { kind: 'through' }>;
type Members = Pick<Fabric, 'devices' | 'pools' | 'plainMembers'>;

/** Protocols that IPv6 has as extension headers, which are looked through. */
const EXTENSION_HEADERS = [0, 43, 44, 51, 60];

/** Devices behind a step: the pool's members, or the one; then those that take over when all of them are down. */
export function membersOf(step: Through, fabric: Members): readonly Device[] {
  if (step.allDown !== undefined) return findMembers(step, fabric);
  let members = fabric.plainMembers.get(step.target);
  if (members === undefined) {
    members = findMembers(step, fabric);
    fabric.plainMembers.set(step.target, members);
  }
  return members;
}

function findMembers(step: Through, { devices, pools }: Members): Device[] {
  const pool = step.isPool ? pools.get(step.target)! : undefined;
  const members = (pool?.members ?? [step.target]).map((name) => devices.get(name)!);
  const next = nextPools(step.allDown ?? pool?.allDown, pools, step.target);
  if (next.length === 0) return members;
  return [...new Set([...members, ...next.flatMap((each) => each.members.map((name) => devices.get(name)!))])];
}

export function checkService(service: Service, fabric: Fabric, report: Report): void {
  const path = ['services', service.name];
  const refuse = (at: Path, message: string, hint: string) =>
    report({ path: [...path, ...at], message: `service ${service.name}${message}`, hint });
  checkAddresses(service, fabric, refuse);
  checkSteps(service, fabric, refuse);
  checkEnd(service, fabric, refuse);
  checkBypass(service, fabric, refuse);
  if (service.return !== undefined) checkReturn(service.return, fabric, refuse);
}

type Refuse = (at: Path, message: string, hint: string) => void;

function checkAddresses({ addresses, protocol }: Service, { taken }: Fabric, refuse: Refuse): void {
  for (const address of addresses) {
    const holder = taken.get(address);
    if (holder !== undefined) {
      refuse(
        ['address'],
        ` has the address ${address}, which is ${holder}`,
        'give the service an address that nobody has on an interface',
      );
    }
    const family = familyOf(address);
    if (family === 6 ? protocol === 'icmp' : protocol === 'icmp6') {
      const right = family === 6 ? 'icmp6' : 'icmp';
      refuse(
        ['protocol'],
        ` has protocol ${protocol} and the IPv${family} address ${address}`,
        `write protocol: ${right}`,
      );
    }
  }
  if (addresses.length > 1 && new Set(addresses).size < addresses.length)
    refuse(['address'], ' has an address twice', 'name each address once');
  if (EXTENSION_HEADERS.includes(protocol as number)) {
    refuse(
      ['protocol'],
      ` has protocol ${protocol}, which is a header and not a protocol of its own`,
      'name the protocol behind it, as in tcp',
    );
  }
}

function checkSteps(service: Service, fabric: Fabric, refuse: Refuse): void {
  const { sequence, outward, addresses } = service;
  const last = sequence.findLastIndex((step) => step.kind === 'through');
  let inline = false;
  let taps: Set<string> | undefined;
  let { ports } = service;
  for (const [i, step] of sequence.entries()) {
    const at = ['sequence', i];
    if (step.kind === 'copy') {
      taps = new Set([...(taps ?? []), ...step.to]);
      checkCopy(step, at, { behind: i > last && last >= 0 && !outward, inline, taps: taps.size }, refuse);
      continue;
    }
    taps = undefined;
    const members = membersOf(step, fabric);
    const { kind } = members[0]!;
    if (kind === 'tap') {
      refuse(at, ` leads through ${step.target}, which is a tap`, `write - copy: [${step.target}]`);
    } else if (kind !== 'inline' && i !== last) {
      refuse(
        at,
        ` goes on behind ${step.target}, which is ${a(kind)} and ends a sequence`,
        `move ${step.target} to the end, or make it kind: inline`,
      );
    }
    if (changesAnything(step)) checkChanges(step, members[0]!, i === last, { ports, outward }, at, refuse);
    ports = portsBehind(step, ports);
    checkFamilies(step, members, addresses, at, refuse);
    inline ||= kind === 'inline';
  }
}

function changesAnything({ port, reveals, translatesSource }: Through): boolean {
  return port !== undefined || reveals !== undefined || translatesSource !== undefined;
}

function portsBehind({ reveals }: Through, ports: Ports): Ports {
  const { protocol } = reveals ?? {};
  return reveals?.ports ?? (protocol === undefined || hasPorts(protocol) ? ports : 'any');
}

/** `inline`: an inline device stands before; `behind`: no device comes after; `taps`: of this link so far. */
function checkCopy(
  { answers }: Extract<Step, { kind: 'copy' }>,
  at: Path,
  { behind, inline, taps }: { behind: boolean; inline: boolean; taps: number },
  refuse: Refuse,
): void {
  if (behind) refuse(at, ' copies behind its last device', 'move the copy before the server');
  if (taps > Limit.MAX_COPIES) {
    refuse(
      at,
      ` copies to ${taps} taps at one place; ${Limit.MAX_COPIES} are possible`,
      'copy to some of them behind another device',
    );
  }
  if (answers === 'firewall' && !inline) {
    refuse(
      at,
      ' hands answers of taps to the firewall, and no inline device stands before the copy',
      'put the firewall before the copy, or write answers: server',
    );
  }
}

/** What a step says beside its name has to make sense for that device, at that place. */
function checkChanges(
  step: Through,
  device: Device,
  isLast: boolean,
  service: Pick<Service, 'ports' | 'outward'>,
  at: Path,
  refuse: Refuse,
): void {
  const key = [...at, step.target.split('+')[0]!];
  if (step.port !== undefined) checkPort(step, isLast && device.kind !== 'inline', service, [...key, 'port'], refuse);
  const routes = device.kind === 'inline' && device.forwards === 'route';
  const what = routes ? '' : device.kind === 'inline' ? 'it bridges' : `it is ${a(device.kind)}`;
  if (step.reveals !== undefined && (!routes || service.outward)) {
    refuse(
      [...key, 'reveals'],
      `: ${step.target} cannot reveal anything, ${what || 'the service is outward'}`,
      'write reveals at a routing inline device, as a VPN, of a service that clients open',
    );
  }
  if (step.translatesSource !== undefined && (!routes || !service.outward)) {
    refuse(
      [...key, 'translates'],
      `: ${step.target} cannot translate the source, ${what || 'the service is not outward'}`,
      'write translates at a NAT firewall of a service with outward: true',
    );
  }
}

function checkPort(
  step: Through,
  atEnd: boolean,
  { ports, outward }: Pick<Service, 'ports' | 'outward'>,
  at: Path,
  refuse: Refuse,
): void {
  const [only] = ports === 'any' ? [] : ports;
  if (!atEnd || outward) {
    refuse(
      at,
      ` translates its port at ${step.target}`,
      'translate the port at the last step only, where a server ends the sequence',
    );
  } else if (only === undefined || ports.length > 1 || only.from !== only.to) {
    refuse(
      at,
      ` has several ports, and port ${step.port} at ${step.target} would stand for all of them`,
      'give the service one port, or leave the translation out',
    );
  }
}

/** NAT changes addresses within a family. */
function checkFamilies(
  step: Through,
  members: readonly Device[],
  addresses: readonly string[],
  at: Path,
  refuse: Refuse,
): void {
  for (const { name, mode, address: own } of members) {
    if (mode !== 'nat' || own === undefined) continue;
    const other = addresses.find((address) => familyOf(address) !== familyOf(own));
    if (other === undefined) continue;
    refuse(
      at,
      ` has the address ${other}, and ${name} in nat mode has the IPv${familyOf(own)} address ${own}`,
      `give ${name} mode loopback or alias, or an IPv${familyOf(other)} address`,
    );
  }
  const changed = step.reveals?.address ?? step.translatesSource;
  const mixed =
    changed === undefined ? undefined : addresses.find((address) => familyOf(address) !== familyOf(changed));
  if (mixed !== undefined) {
    refuse(
      at,
      ` has the address ${mixed}, and ${step.target} changes it to ${changed} of the other family`,
      'keep to one family, or make two services',
    );
  }
}

function checkEnd(service: Service, fabric: Fabric, refuse: Refuse): void {
  const last = service.sequence.findLast((step) => step.kind === 'through');
  if (service.outward) {
    const gateway = last !== undefined && membersOf(last, fabric)[0]!.kind === 'gateway';
    if (last !== undefined && !gateway && membersOf(last, fabric)[0]!.kind !== 'inline') {
      refuse(
        ['sequence'],
        ` is outward and ends in ${last.target}, a ${membersOf(last, fabric)[0]!.kind}`,
        'end it in a gateway, or in an interface that faces clients',
      );
    } else if (last === undefined && service.exit === undefined) {
      refuse(
        ['sequence'],
        ' has an empty sequence',
        'name devices, and a gateway or an interface that faces clients at the end',
      );
    } else if (!gateway && service.exit === undefined && fabric.clients.length === 0) {
      refuse(
        ['sequence'],
        ' is outward and leaves by nothing: no interface faces clients',
        'end it in a gateway, or in an interface that faces clients',
      );
    }
    return;
  }
  if (last === undefined) {
    refuse(
      ['sequence'],
      ' has no device in its sequence',
      'end it in a server, proxy or gateway: sequence: [firewalls, app1]',
    );
  } else if (membersOf(last, fabric)[0]!.kind === 'inline') {
    refuse(
      ['sequence', service.sequence.indexOf(last)],
      ` ends in ${last.target}, which is inline and passes packets on`,
      'add a server, proxy or gateway at the end',
    );
  }
}

function checkReturn(steps: readonly Step[], fabric: Fabric, refuse: Refuse): void {
  for (const [i, step] of steps.entries()) {
    if (step.kind === 'copy') continue;
    const { kind } = membersOf(step, fabric)[0]!;
    if (kind !== 'inline') {
      refuse(
        ['return', i],
        ` comes back through ${step.target}, which is ${a(kind)}`,
        'name only inline devices and copies, from the end outwards and without the end',
      );
    }
    if (step.port !== undefined || step.reveals !== undefined || step.translatesSource !== undefined) {
      refuse(
        ['return', i],
        ` changes packets at ${step.target} on the way back`,
        'write port, reveals and translates in sequence only: the way back undoes them',
      );
    }
    if (step.allDown !== undefined) {
      refuse(
        ['return', i],
        ` says at ${step.target} on the way back where packets go when nobody works there`,
        'write all_down in sequence only: it is for both ways',
      );
    }
  }
}
