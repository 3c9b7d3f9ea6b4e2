import type { UdpExpectation } from '../../terms/health/expectations.ts';
import { attempt } from './attempt.ts';
import { checkContent } from './content.ts';
import { exchangeDatagram } from './datagram.ts';
import type { Probe } from './types.ts';

/** Sends a datagram and compares the one that comes back. */
export const probeUdp: Probe<UdpExpectation> = (target, expectation) =>
  attempt(target, async (held) => {
    const sent = expectation.send ?? 'hopline';
    held.stage = 'waiting for the answer';
    const answer = (await exchangeDatagram(held, 7, Buffer.from(sent))).toString('utf8');
    checkContent('the answer', answer, expectation.answer ?? { contains: sent });
    return 'answer as expected';
  });
