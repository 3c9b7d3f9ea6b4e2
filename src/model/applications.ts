import { hasPorts, portText } from './build/ports.ts';
import type { Ports, Protocol, Service, Step } from './types.ts';

type Through = Extract<Step, { kind: 'through' }>;

/** A device or pool of a sequence, and how a service's packets look to it. */
export interface Passage {
  readonly step: Through;
  readonly protocol: Protocol;
  readonly ports: Ports;
  readonly address: string;
  /** The last device of the sequence. */
  readonly isEnd: boolean;
}

/** "tcp/443", "tcp/80,443": what a device can be up for and down for. Undefined where there is no port, or every one. */
export function applicationOf({ protocol, ports }: Pick<Passage, 'protocol' | 'ports'>): string | undefined {
  if (ports === 'any' || !hasPorts(protocol)) return undefined;
  const [only] = ports;
  if (ports.length === 1) return `${protocol}/${portText(only!.from, only!.to)}`;
  return `${protocol}/${ports.map(({ from, to }) => portText(from, to)).join(',')}`;
}

/** Ports of an application that are written one by one, not as ranges. */
export function singlePortsOf(application: string): number[] {
  const ports = application.slice(application.indexOf('/') + 1).split(',');
  return ports.filter((each) => /^\d+$/.test(each)).map(Number);
}

/**
 * Whether what is asked ("tcp/21") is a port of this application ("tcp/21,1025-1125"), or the application itself. A port of a
 * list or range stands for all of it: they belong to one service.
 */
export function hasPort(application: string, asked: string): boolean {
  if (application === asked) return true;
  const [[protocol, ports], [other, port]] = [application.split('/'), asked.split('/')];
  if (protocol !== other || !/^\d+$/.test(port!)) return false;
  return ports!.split(',').some((each) => {
    const [from, to = from] = each.split('-').map(Number);
    return from! <= Number(port) && Number(port) <= to!;
  });
}

/** Every device and pool of a sequence in order, as packets to this address of the service come to it. */
export function passagesOf(service: Service, address = service.addresses[0]!): Passage[] {
  const passages: Passage[] = [];
  let seen: Pick<Passage, 'protocol' | 'ports' | 'address'> = {
    protocol: service.protocol,
    ports: service.ports,
    address,
  };
  const last = service.sequence.findLast((step) => step.kind === 'through');
  for (const step of service.sequence) {
    if (step.kind === 'copy') continue;
    const { port, reveals } = step;
    const here = port === undefined ? seen : { ...seen, ports: [{ from: port, to: port }] };
    passages.push({ step, protocol: here.protocol, ports: here.ports, address: here.address, isEnd: step === last });
    if (reveals === undefined || service.outward) continue;
    const protocol = reveals.protocol ?? seen.protocol;
    const ports = reveals.ports ?? (hasPorts(protocol) ? seen.ports : 'any');
    seen = { protocol, ports, address: reveals.address ?? seen.address };
  }
  return passages;
}
