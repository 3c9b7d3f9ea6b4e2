import type { SmtpExpectation } from '../../terms/health/expectations.ts';
import { attempt } from './attempt.ts';
import { tlsAtOnce, tlsLater } from './banner.ts';
import { checkContent } from './content.ts';
import { Conversation } from './conversation.ts';
import { numberedReply } from './numbered-reply.ts';
import type { Probe } from './types.ts';

/** Greeting, EHLO, STARTTLS where TLS is asked for, QUIT. */
export const probeSmtp: Probe<SmtpExpectation> = (target, expectation) =>
  attempt(target, async (held) => {
    const hello = `EHLO ${expectation.hello ?? 'hopline.invalid'}\r\n`;
    const conversation = await Conversation.open(held, expectation.implicit ? 465 : 25, tlsAtOnce(expectation));
    held.stage = 'waiting for the greeting';
    const greeting = await numberedReply(conversation, ['220']);
    checkContent('the greeting', greeting, expectation.greeting);
    held.stage = 'EHLO';
    conversation.send(hello);
    await numberedReply(conversation, ['250']);
    const tls = tlsLater(expectation);
    if (tls !== undefined) {
      held.stage = 'STARTTLS';
      conversation.send('STARTTLS\r\n');
      await numberedReply(conversation, ['220']);
      await conversation.secure(tls);
      held.stage = 'EHLO over TLS';
      conversation.send(hello);
      await numberedReply(conversation, ['250']);
    }
    held.stage = 'QUIT';
    conversation.send('QUIT\r\n');
    await numberedReply(conversation, ['221']);
    return greeting;
  });
