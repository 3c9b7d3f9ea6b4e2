import type { IcmpExpectation } from '../../terms/health/expectations.ts';
import { attempt } from './attempt.ts';
import { ProbeFailure } from './failure.ts';
import { type Pinger, pingByFping } from './fping.ts';
import type { Probe } from './types.ts';

/** ICMP echo, made by a pinger: the program `fping` unless somebody (the dataplane) makes its own frames. */
export function icmpProbe(ping: Pinger): Probe<IcmpExpectation> {
  return (target, expectation) =>
    attempt(target, async (held) => {
      held.stage = 'echo';
      const cancel = new AbortController();
      held.defer(() => cancel.abort());
      const answer = await ping(target, expectation.size ?? 56, cancel.signal);
      if (answer.milliseconds === undefined) throw new ProbeFailure(answer.cause);
      held.took = answer.milliseconds;
      return `echo in ${answer.milliseconds} ms`;
    });
}

export const probeIcmp = icmpProbe(pingByFping);
