import type { RawPort } from '../schema/schema.ts';
import type { Ports, Protocol } from '../types.ts';

const NAMED: Readonly<Record<number, Protocol>> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 58: 'icmp6' };

/** Ports as the rest of Hopline has them: sorted, `any` where one of them is. */
export function portsOf(raw: RawPort): Ports {
  if (typeof raw === 'number') return [{ from: raw, to: raw }];
  const each = Array.isArray(raw) ? raw : [raw];
  if (each.includes('any')) return 'any';
  return each.map(rangeOf).sort((a, b) => a.from - b.from);
}

function rangeOf(raw: number | string): { from: number; to: number } {
  if (typeof raw === 'number') return { from: raw, to: raw };
  const [from, to = from] = raw.split('-').map(Number);
  return { from: from!, to: to! };
}

/** A protocol that has a name is known by it, however it was written. */
export function protocolOf(raw: Protocol): Protocol {
  return typeof raw === 'number' ? (NAMED[raw] ?? raw) : raw;
}

export function hasPorts(protocol: Protocol): boolean {
  return protocol === 'tcp' || protocol === 'udp';
}

/** "443", "1025-1125", "any" */
export function portText(from: number, to: number): string {
  if (from === 0) return 'any';
  return from === to ? String(from) : `${from}-${to}`;
}
