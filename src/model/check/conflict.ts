/** Two claims that the kernel's table could not tell apart, in words. */
import { crosses, takesPart } from '../../terms/ports.ts';
import { portText } from '../build/ports.ts';
import { entersFirst } from '../precedence.ts';
import type { Fault } from '../problem.ts';
import type { Service } from '../types.ts';
import type { Claim } from './claims.ts';

/** A claim and whose it is. */
export interface Claimed {
  readonly service: Service;
  readonly claim: Claim;
}

/** Whether packets of one of two services could be taken for the other's. */
export function clashBetween(a: Claimed, b: Claimed): boolean {
  if (!samePackets(a.claim, b.claim)) return false;
  const isSame = a.claim.direction === b.claim.direction;
  if (a.service.outward !== b.service.outward) {
    // Towards the service's address and back to the one that opens are the same way, as are the other two.
    return !isSame && (a.service.outward ? crosses(b.claim, a.claim) : crosses(a.claim, b.claim));
  }
  return isSame && (samePorts(a.claim, b.claim) || misses(a, b) || misses(b, a));
}

/** Whether one packet could be meant by two claims of one service. */
export function clashWithin(a: Claim, b: Claim): boolean {
  return samePackets(a, b) && a.direction === b.direction && samePorts(a, b);
}

function samePackets(a: Claim, b: Claim): boolean {
  return a.origin === b.origin && a.address === b.address && a.protocol === b.protocol;
}

/** Whether `coarse` misses packets of its own because `fine` is asked first. */
function misses(coarse: Claimed, fine: Claimed): boolean {
  if (!takesPart(fine.claim, coarse.claim) || (isEntry(fine.claim) && isEntry(coarse.claim))) return false;
  if (fine.claim.served !== coarse.claim.served) return true;
  const [first, second] = [fine, coarse].map(({ service, claim }) => ({ service, ports: claim }));
  return !entersFirst(first!, second!, coarse.claim.served);
}

function isEntry({ kind, direction }: Claim): boolean {
  return kind === 'opener' && direction === 'out';
}

function samePorts(a: Claim, b: Claim): boolean {
  const exact = a.from === a.to;
  return exact === (b.from === b.to) && (exact ? a.from === b.from : a.from <= b.to && b.from <= a.to);
}

/** For the later one of two services. */
export function betweenServices(first: Claimed, second: Claimed): Fault {
  const [a, b] = [first.claim, second.claim];
  const later = second.service.name;
  const both = `services ${first.service.name} and ${later}`;
  const path = ['services', later];
  if (first.service.outward !== second.service.outward) return acrossDirections(both, path, a, b);
  if (!samePorts(a, b)) return partlyTaken(both, path, a, b);
  if (b.kind === 'nat' || a.kind === 'nat') {
    return {
      path: [...path, 'sequence'],
      message: `${both} both reach ${b.sender}:${portText(b.from, b.to)} by NAT; a reply could belong to either`,
      hint: `give ${b.sender} mode loopback or alias, or one of the services another port or address there`,
    };
  }
  if (b.kind === 'opener') {
    if (a.from !== a.to) {
      return {
        path: [...path, 'port'],
        message: `${both} have overlapping ports of ${packets(b)} from ${b.sender}: ${portText(a.from, a.to)} and ${portText(b.from, b.to)}`,
        hint: 'change one of the ranges, or give one service another address or from',
      };
    }
    return {
      path: [...path, second.service.outward || b.from === 0 ? 'address' : 'port'],
      message: `${both} both claim ${packets(b)} from ${b.sender}`,
      hint: 'change the address or port of one of them, or let them be opened from different interfaces (from: ...)',
    };
  }
  const through =
    b.kind === 'tap'
      ? `give copies of ${packets(b)} to ${b.sender}, whose answers`
      : `pass ${packets(b)} through ${b.sender}, whose packets`;
  return {
    path: [...path, 'sequence'],
    message: `${both} both ${through} could belong to either`,
    hint:
      b.kind === 'tap'
        ? 'write answers: drop in one of them, or use another tap'
        : 'lead one of them through another device, or give it another address or port',
  };
}

/** One of the claims is finer than the other and takes packets of it. */
function partlyTaken(both: string, path: string[], a: Claim, b: Claim): Fault {
  const ports = `${portText(a.from, a.to)} and ${portText(b.from, b.to)}`;
  const isNat = a.kind === 'nat' || b.kind === 'nat';
  return {
    path: [...path, 'sequence'],
    message: isNat
      ? `${both} both reach ${b.sender} by NAT, with the ports ${ports}; a reply could belong to either`
      : `${both} both pass ${a.address} through ${b.sender}, with the ports ${ports}; a packet could belong to either`,
    hint: isNat
      ? `give ${b.sender} mode loopback or alias, or the services ports there that do not meet`
      : 'lead one of them through another device, give them ports that do not meet, or open both from the same interfaces',
  };
}

/** One is opened by clients, the other by the address itself. */
function acrossDirections(both: string, path: string[], a: Claim, b: Claim): Fault {
  const ports = `${portText(a.from, a.to)} and ${portText(b.from, b.to)}`;
  return {
    path: [...path, 'address'],
    message: `${both} have opposite directions, the address ${a.address} and the ports ${ports} at ${b.sender}; a packet from there could belong to either`,
    hint: 'name single ports in one of them, or give it another address',
  };
}

/** For a service that is at odds with itself: by its addresses, or else by a device that it meets twice. */
export function withinService(name: string, a: Claim, byAddress: boolean): Fault {
  const path = ['services', name, a.kind === 'opener' ? 'from' : 'sequence'];
  if (byAddress) {
    return {
      path,
      message: `service ${name} reaches ${a.sender}:${portText(a.from, a.to)} by NAT under several addresses; a reply could belong to any`,
      hint: `give ${a.sender} mode loopback or alias, or make a service of each address, with a port of its own there`,
    };
  }
  if (a.kind === 'tap') {
    return {
      path,
      message: `service ${name} gives copies of ${packets(a)} to ${a.sender} at two places; an answer could go on from either`,
      hint: 'write answers: drop at one of them: copy: {to: [...], answers: drop}',
    };
  }
  if (a.kind === 'opener') {
    return { path, message: `service ${name} is opened from ${a.sender} twice`, hint: 'name it once' };
  }
  return {
    path,
    message: `service ${name} gets ${packets(a)} from ${a.sender} at two places and could not tell which`,
    hint: 'name the device once, use another one, or put one that reveals another port between',
  };
}

/** "198.51.100.10:443/tcp" */
function packets({ address, protocol, from, to }: Claim): string {
  const host = address.includes(':') ? `[${address}]` : address;
  return `${host}:${portText(from, to)}/${protocol}`;
}
