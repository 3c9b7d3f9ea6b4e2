import type { Device, Model } from '../../model/types.ts';
import type { AddressQuestion, Question } from '../../terms/health/question.ts';
import type { Outcome } from '../machine/report.ts';
import type { ProbeResult, ProbeTarget } from '../probes/index.ts';

/** A time limit that struck later than this, ms, says nothing of the target. */
const LATE = 100;

/** Whether a question is asked over an address, by src/health/probes. */
export const isAddressed = (question: Question): question is AddressQuestion =>
  question.kind !== 'through' && question.kind !== 'negative' && question.kind !== 'handshake';

/** Whom a question is asked, or a sentence that says why nobody can be. */
export function targetOf(
  question: AddressQuestion,
  device: Device,
  { interfaces }: Model,
): Omit<ProbeTarget, 'timeoutMs'> | string {
  const { kind, port, from } = question;
  const { leg, nic } = { leg: device.outside, nic: interfaces.get(device.outside.interface)?.nic };
  const own = device.address ?? leg.address;
  // A command may know by itself whom to ask.
  const address = question.address ?? own ?? (kind === 'command' ? '' : undefined);
  if (address === undefined) return 'it has no address (give it `address`)';
  const untagged = leg.vlans.length === 0 ? nic : undefined;
  if (kind === 'neighbour' && untagged === undefined) {
    return 'its leg has a VLAN, where the kernel does not ask (use another probe: icmp)';
  }
  const isLinkLocal = address.toLowerCase().startsWith('fe80:');
  const onLink = kind === 'neighbour' || isLinkLocal || (kind === 'icmp' && address === own);
  return {
    address,
    ...(port !== undefined && { port }),
    ...(from !== undefined && { from }),
    ...(onLink && untagged !== undefined && { interface: untagged }),
  };
}

/** Failures that are this machine's own. */
const OURS = /too many open files|no such program|no program fping/;
const SILENT = /no answer|nobody answers/;
const REFUSED = /connection refused|unreachable/;

/** How an attempt counts; undefined where it was never really made. */
export function outcomeOf({ ok, detail, lateMs }: ProbeResult): Outcome | undefined {
  if (ok) return 'answered';
  if (lateMs !== undefined) return lateMs > LATE ? 'late' : 'lost';
  if (OURS.test(detail)) return undefined;
  if (SILENT.test(detail)) return 'lost';
  return REFUSED.test(detail) ? 'refused' : 'wrong';
}
