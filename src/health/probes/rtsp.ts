import type { RtspExpectation } from '../../terms/health/expectations.ts';
import { attempt } from './attempt.ts';
import { codeIsOneOf } from './content.ts';
import { Conversation, headersEnd } from './conversation.ts';
import { excerpt, ProbeFailure } from './failure.ts';
import type { Probe } from './types.ts';

/** OPTIONS, or DESCRIBE of one stream (RFC 2326). */
export const probeRtsp: Probe<RtspExpectation> = (target, expectation) =>
  attempt(target, async (held) => {
    const { uri, status = ['2xx'] } = expectation;
    const conversation = await Conversation.open(held, 554);
    const question = uri === undefined ? 'OPTIONS *' : `DESCRIBE ${uri}`;
    held.stage = question.split(' ')[0]!;
    conversation.send(`${question} RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: hopline\r\n\r\n`);
    const answer = await conversation.text((text) => headersEnd(text, 'RTSP/'));
    const line = answer.split('\r\n')[0]!;
    const code = /^RTSP\/[12]\.0 (\d{3})/.exec(line)?.[1];
    if (code === undefined || !/^cseq:\s*1\s*$/im.test(answer)) throw new ProbeFailure(`garbage: ${excerpt(line)}`);
    if (!codeIsOneOf(Number(code), status)) throw new ProbeFailure(`the server says ${excerpt(line)}`);
    return line;
  });
