import type { Interface, Party, Ports, Protocol, Service, Step } from '../model/types.ts';

/** "443", "80, 8000-8100", "any". */
export function describePorts(ports: Ports): string {
  if (ports === 'any') return 'any';
  return ports.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`)).join(', ');
}

/** "tcp", or the number. */
export function describeProtocol(protocol: Protocol): string {
  return String(protocol);
}

/** Elements of a sequence as words: "fw1", "app1:8443", "copy ids1+ids2". */
export function describeStep(step: Step): string {
  if (step.kind === 'copy') return `copy ${step.to.join('+')}`;
  return step.port === undefined ? step.target : `${step.target}:${step.port}`;
}

export function describeParty({ name }: Party): string {
  return name;
}

/** "clients", "devices", or both. */
export function facesOf({ clients, devices }: Interface): readonly string[] {
  return [...(clients ? ['clients'] : []), ...(devices ? ['devices'] : [])];
}

/** Devices and pools that packets of a service reach, and what gets copies; also on a way back of its own. */
export function targetsOf(service: Service): ReadonlySet<string> {
  const steps = [...service.sequence, ...(service.return ?? [])];
  return new Set(steps.flatMap((step) => (step.kind === 'copy' ? step.to : [step.target])));
}
