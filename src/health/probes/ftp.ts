import type { LoginExpectation } from '../../terms/health/expectations.ts';
import { attempt } from './attempt.ts';
import { tlsAtOnce, tlsLater } from './banner.ts';
import { checkContent } from './content.ts';
import { Conversation } from './conversation.ts';
import { numberedReply } from './numbered-reply.ts';
import type { Probe } from './types.ts';

/** Greeting, AUTH TLS where TLS is asked for, login where a user is given, QUIT. */
export const probeFtp: Probe<LoginExpectation> = (target, expectation) =>
  attempt(target, async (held) => {
    const conversation = await Conversation.open(held, expectation.implicit ? 990 : 21, tlsAtOnce(expectation));
    const command = async (text: string, wanted: string[]): Promise<string> => {
      held.stage = text.split(' ')[0]!;
      conversation.send(`${text}\r\n`);
      return numberedReply(conversation, wanted);
    };
    held.stage = 'waiting for the greeting';
    const greeting = await numberedReply(conversation, ['220']);
    checkContent('the greeting', greeting, expectation.greeting);
    const tls = tlsLater(expectation);
    if (tls !== undefined) {
      await command('AUTH TLS', ['234']);
      await conversation.secure(tls);
    }
    if (expectation.user !== undefined) {
      await command(`USER ${expectation.user}`, ['331', '230']);
      await command(`PASS ${expectation.password ?? ''}`, ['230', '202']);
    }
    await command('QUIT', ['221']);
    return expectation.user === undefined ? greeting : `logged in as ${expectation.user}`;
  });
