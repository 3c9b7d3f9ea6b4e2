import type { LoginExpectation } from '../../terms/health/expectations.ts';
import { attempt } from './attempt.ts';
import { tlsAtOnce, tlsLater } from './banner.ts';
import { checkContent } from './content.ts';
import { Conversation } from './conversation.ts';
import { excerpt, ProbeFailure } from './failure.ts';
import type { Probe } from './types.ts';

/** Greeting, STARTTLS where TLS is asked for, login where a user is given, NOOP, LOGOUT. */
export const probeImap: Probe<LoginExpectation> = (target, expectation) =>
  attempt(target, async (held) => {
    const conversation = await Conversation.open(held, expectation.implicit ? 993 : 143, tlsAtOnce(expectation));
    const command = async (text: string): Promise<void> => {
      held.stage = text.split(' ')[0]!;
      conversation.send(`a ${text}\r\n`);
      for (;;) {
        const line = await conversation.line();
        if (line.startsWith('a OK')) return;
        if (!line.startsWith('* ')) throw new ProbeFailure(`the server says ${excerpt(line)}`);
      }
    };
    held.stage = 'waiting for the greeting';
    const greeting = await conversation.line();
    if (!/^\* (OK|PREAUTH)/.test(greeting)) throw new ProbeFailure(`the server says ${excerpt(greeting)}`);
    checkContent('the greeting', greeting, expectation.greeting);
    const tls = tlsLater(expectation);
    if (tls !== undefined) {
      await command('STARTTLS');
      await conversation.secure(tls);
    }
    const { user, password = '' } = expectation;
    if (user !== undefined) await command(`LOGIN ${quoted(user)} ${quoted(password)}`);
    await command('NOOP');
    await command('LOGOUT');
    return user === undefined ? greeting.slice(2) : `logged in as ${user}`;
  });

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
