/** Origin and step, as docs/design/dataplane.md, "Origin" and "Step", has them. */
import type { InterfacePlan } from '../../src/plan/types.ts';
import { layout } from './door.ts';
import type { Link } from './link.ts';
import { type Key, keyText, originText, type Step, type Tables } from './tables.ts';

export interface Origin {
  /** Leg or segment; 0: nobody. */
  readonly leg: number;
  readonly lookups: number;
  readonly bridged: boolean;
}

/** What a step is found by; ports 0 where there are none. */
export interface Ends {
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

export interface Hit {
  readonly step: Step;
  readonly exactness: number;
}

const NOBODY: Origin = { leg: 0, lookups: 0, bridged: false };
const DIRECTIONS = ['OUTWARD', 'INWARD', 'FORWARD', 'RETURN'];
const EXACTNESS = ['EXACT', 'RANGE', 'ANY'];

/** Whose frame this is: the leg with its MAC, else the segment. */
export function findOrigin(tables: Tables, nic: InterfacePlan, link: Link): Origin {
  const own = tables.origins.get(originText(nic.number, [...link.vlans], link.from));
  return own ?? findSegment(tables, nic, link);
}

/** The segment of a frame's tags, whoever sent it. */
export function findSegment(tables: Tables, nic: InterfacePlan, link: Link): Origin {
  if (link.vlans[0] === 0 && link.vlans[1] === 0) {
    return { leg: nic.segment, lookups: nic.segment === 0 ? 0 : nic.segmentLookups, bridged: false };
  }
  return tables.origins.get(originText(nic.number, [...link.vlans], null)) ?? NOBODY;
}

/** The step of a packet from this origin, in the order of the page. */
export function findStep(tables: Tables, origin: Origin, ends: Ends): Hit | undefined {
  for (const exact of EXACTNESS) {
    for (const name of DIRECTIONS) {
      const exactness = layout(exact);
      const direction = layout(name);
      if ((origin.lookups & (1 << (layout('LOOKUP_DIRECTIONS') * exactness + direction - 1))) === 0) {
        continue;
      }
      const key = { origin: origin.leg, protocol: ends.protocol, direction, ...own(name, ends) };
      const step = ask(tables, exact, key);
      if (step !== undefined) {
        return { step, exactness };
      }
    }
  }
  return undefined;
}

function own(direction: string, ends: Ends): { address: string; port: number } {
  return {
    address: isSourceOwn(direction) ? ends.source : ends.destination,
    port: direction === 'FORWARD' || direction === 'OUTWARD' ? ends.destinationPort : ends.sourcePort,
  };
}

/** Whether the address a step is found by is the packet's source. */
export function isSourceOwn(direction: string): boolean {
  return direction === 'RETURN' || direction === 'OUTWARD';
}

function ask(tables: Tables, exact: string, key: Key): Step | undefined {
  if (exact === 'ANY') {
    return tables.steps.get(keyText({ ...key, port: 0 }));
  }
  if (key.port === 0) {
    return undefined;
  }
  if (exact === 'EXACT') {
    return tables.steps.get(keyText(key));
  }
  const ranges = tables.ranges.get(keyText({ ...key, port: 0 })) ?? [];
  return ranges.find((range) => range.from <= key.port && key.port <= range.to)?.step;
}

/** Whether the address has one of these flags of enum known. */
export function isKnown(tables: Tables, address: string, ...flags: readonly string[]): boolean {
  const direction = layout('KNOWN');
  const step = tables.steps.get(keyText({ address, origin: 0, port: 0, protocol: 0, direction }));
  return step !== undefined && flags.some((flag) => (step.known & layout(flag)) !== 0);
}

/** Whether ARP and ND for the address are answered on this segment. */
export function isAnswered(tables: Tables, address: string, segment: number): boolean {
  const direction = layout('ANSWER');
  return segment !== 0 && tables.steps.has(keyText({ address, origin: segment, port: 0, protocol: 0, direction }));
}
