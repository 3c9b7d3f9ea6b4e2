import { randomBytes } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { SipExpectation } from '../../terms/health/expectations.ts';
import { attempt } from './attempt.ts';
import { codeIsOneOf } from './content.ts';
import { Conversation, headersEnd } from './conversation.ts';
import { exchangeDatagram } from './datagram.ts';
import { excerpt, ProbeFailure } from './failure.ts';
import type { Probe, ProbeTarget } from './types.ts';

/** OPTIONS (RFC 3261, 11), outside of any call. */
export const probeSip: Probe<SipExpectation> = (target, expectation) =>
  attempt(target, async (held) => {
    const { tls, transport = tls === undefined ? 'udp' : 'tcp', status = ['2xx'] } = expectation;
    const call = randomBytes(8).toString('hex');
    const question = options(target, tls === undefined ? transport : 'tls', expectation.uri, call);
    held.stage = 'OPTIONS';
    let answer: string;
    if (transport === 'udp') answer = (await exchangeDatagram(held, 5060, Buffer.from(question))).toString('utf8');
    else {
      const conversation = await Conversation.open(held, tls === undefined ? 5060 : 5061, tls);
      held.stage = 'OPTIONS';
      conversation.send(question);
      answer = await conversation.text((text) => headersEnd(text, 'SIP/'));
    }
    const line = answer.split('\r\n')[0]!;
    const code = /^SIP\/2\.0 (\d{3})/.exec(line)?.[1];
    if (code === undefined || !new RegExp(`^(call-id|i)\\s*:\\s*${call}\\s*$`, 'im').test(answer)) {
      throw new ProbeFailure(`garbage: ${excerpt(line)}`);
    }
    if (!codeIsOneOf(Number(code), status)) throw new ProbeFailure(`the server says ${excerpt(line)}`);
    return line;
  });

function options(target: ProbeTarget, transport: string, uri: string | undefined, call: string): string {
  const host = isIPv6(target.address) ? `[${target.address}]` : target.address;
  const to = uri ?? `sip:${host}${target.port === undefined ? '' : `:${target.port}`}`;
  const lines = [
    `OPTIONS ${to} SIP/2.0`,
    // rport: the answer comes back to the port it was asked from (RFC 3581).
    `Via: SIP/2.0/${transport.toUpperCase()} hopline.invalid;branch=z9hG4bK${call};rport`,
    'Max-Forwards: 70',
    `To: <${to}>`,
    `From: <sip:probe@hopline.invalid>;tag=${call.slice(0, 8)}`,
    `Call-ID: ${call}`,
    'CSeq: 1 OPTIONS',
    'Contact: <sip:probe@hopline.invalid>',
    'Accept: application/sdp',
    'Content-Length: 0',
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}
