import type { ProbeRule } from '../health-types.ts';
import type { Device } from '../types.ts';

/** An option of a probe that changes nothing, why, and what to do. */
export interface Idle {
  readonly option: string;
  readonly why: string;
  readonly cure: string;
}

type Options = Readonly<Record<string, unknown>>;

/** Options that count only beside another one: the probes they are of (every one where none is named), and the other one. */
const NEEDS: readonly { readonly option: string; readonly of?: readonly string[]; readonly beside: string }[] = [
  { option: 'password', beside: 'user' },
  { option: 'database', of: ['mysql', 'postgres'], beside: 'user' },
  { option: 'query', beside: 'user' },
  { option: 'answer', of: ['mysql', 'postgres'], beside: 'user' },
  { option: 'implicit', beside: 'tls' },
  { option: 'authority', of: ['tls'], beside: 'trusted' },
];

/** Options that another one makes meaningless. */
const EXCLUDES: readonly {
  readonly option: string;
  readonly of: string;
  readonly beside: string;
  readonly why: string;
}[] = [
  { option: 'protocol', of: 'through', beside: 'frames', why: 'the frames of the file are sent as they are' },
  { option: 'answer', of: 'dns', beside: 'absent', why: 'a name that must not exist has no answer' },
  { option: 'community', of: 'snmp', beside: 'user', why: 'version 3 asks as user' },
];

/** The first option that changes nothing, whatever device is asked. */
export function idleOption(question: ProbeRule['question'], devices: readonly Device[]): Idle | undefined {
  const { kind } = question;
  const told = question as unknown as Options;
  const isSet = (option: string): boolean => told[option] !== undefined && told[option] !== false;
  for (const { option, of, beside } of NEEDS) {
    if (!isSet(option) || isSet(beside) || (of !== undefined && !of.includes(kind))) continue;
    return { option, why: `there is no ${beside}`, cure: `add ${beside}, or leave ${option} out` };
  }
  for (const { option, of, beside, why } of EXCLUDES) {
    if (of === kind && isSet(option) && isSet(beside)) {
      return { option, why, cure: `leave ${option} or ${beside} out` };
    }
  }
  return ofKind(kind, told, devices);
}

function ofKind(kind: string, told: Options, devices: readonly Device[]): Idle | undefined {
  if (kind === 'through' && told.protocol !== undefined && devices.every(({ forwards }) => forwards === 'bridge')) {
    return { option: 'protocol', why: 'a bridge gets a frame of no protocol', cure: 'leave protocol out' };
  }
  if (kind === 'sip' && told.tls !== undefined && told.transport === 'udp') {
    return { option: 'transport', why: 'TLS goes over TCP', cure: 'leave transport or tls out' };
  }
  const { user } = told as { readonly user?: { readonly authenticate?: object; readonly encrypt?: object } };
  if (kind === 'snmp' && user?.encrypt !== undefined && user.authenticate === undefined) {
    return { option: 'user', why: 'encrypt needs authenticate', cure: 'add authenticate, or leave encrypt out' };
  }
  const { tls } = told as { readonly tls?: { readonly authority?: string; readonly trusted?: boolean } };
  if (tls?.authority !== undefined && tls.trusted !== true) {
    return { option: 'tls', why: 'authority counts beside trusted only', cure: 'add trusted: true to tls' };
  }
  return undefined;
}
