import type { LoginExpectation } from '../../terms/health/expectations.ts';
import { attempt } from './attempt.ts';
import { tlsAtOnce, tlsLater } from './banner.ts';
import { checkContent } from './content.ts';
import { Conversation } from './conversation.ts';
import { excerpt, ProbeFailure } from './failure.ts';
import type { Probe } from './types.ts';

/** Greeting, STLS where TLS is asked for, login where a user is given, QUIT. */
export const probePop3: Probe<LoginExpectation> = (target, expectation) =>
  attempt(target, async (held) => {
    const conversation = await Conversation.open(held, expectation.implicit ? 995 : 110, tlsAtOnce(expectation));
    const reply = async (): Promise<string> => {
      const line = await conversation.line();
      if (line.startsWith('+OK')) return line.slice(4);
      throw new ProbeFailure(`${line.startsWith('-ERR') ? 'the server says' : 'garbage:'} ${excerpt(line)}`);
    };
    const command = (text: string): Promise<string> => {
      held.stage = text.split(' ')[0]!;
      conversation.send(`${text}\r\n`);
      return reply();
    };
    held.stage = 'waiting for the greeting';
    const greeting = await reply();
    checkContent('the greeting', greeting, expectation.greeting);
    const tls = tlsLater(expectation);
    if (tls !== undefined) {
      await command('STLS');
      await conversation.secure(tls);
    }
    if (expectation.user !== undefined) {
      await command(`USER ${expectation.user}`);
      await command(`PASS ${expectation.password ?? ''}`);
    }
    await command('QUIT');
    return expectation.user === undefined ? greeting : `logged in as ${expectation.user}`;
  });
