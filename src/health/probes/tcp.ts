import type { TcpExpectation } from '../../terms/health/expectations.ts';
import { attempt } from './attempt.ts';
import { connectTcp } from './connect.ts';
import { checkContent } from './content.ts';
import { Conversation } from './conversation.ts';
import { inWords, ProbeFailure } from './failure.ts';
import type { Probe } from './types.ts';

/** Connects; where asked for, sends and waits for what must come back. */
export const probeTcp: Probe<TcpExpectation> = (target, expectation) =>
  attempt(target, async (held) => {
    const { send, answer, tls } = expectation;
    if (target.port === undefined) throw new ProbeFailure('no port given');
    if (send === undefined && answer === undefined && tls === undefined) {
      await connectTcp(held, 0);
      return 'connected';
    }
    const conversation = await Conversation.open(held, 0, tls);
    if (send !== undefined) conversation.send(send);
    if (answer === undefined) return 'connected';
    held.stage = 'waiting for the answer';
    // Right as soon as it is there; what came instead is told when the target closes or time is up.
    await conversation.text((text) => {
      try {
        checkContent('the answer', text, answer);
        return true;
      } catch (error) {
        held.stage = inWords(error);
        return false;
      }
    });
    return 'connected, answer as expected';
  });
