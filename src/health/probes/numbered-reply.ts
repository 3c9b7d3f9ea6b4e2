import { codeIsOneOf } from './content.ts';
import type { Conversation } from './conversation.ts';
import { excerpt, ProbeFailure } from './failure.ts';

/** A reply of SMTP or FTP: `250-first`, ..., `250 last`. Returns its text. @throws ProbeFailure on another code */
export async function numberedReply(conversation: Conversation, wanted: readonly string[]): Promise<string> {
  const lines: string[] = [];
  for (;;) {
    const line = await conversation.line();
    lines.push(line.slice(4));
    const first = lines.length === 1 ? /^(\d{3})([ -]|$)/.exec(line) : null;
    if (lines.length === 1) {
      if (first === null) throw new ProbeFailure(`garbage: ${excerpt(line)}`);
      if (!codeIsOneOf(Number(first[1]), wanted)) throw new ProbeFailure(`the server says ${excerpt(line)}`);
    }
    if (/^\d{3}( |$)/.test(line)) return lines.join('\n');
  }
}
