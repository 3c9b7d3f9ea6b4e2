import { createHash, createHmac, randomBytes, randomInt } from 'node:crypto';
import type { RadiusExpectation } from '../../terms/health/expectations.ts';
import { attempt } from './attempt.ts';
import { exchangeDatagram } from './datagram.ts';
import { ProbeFailure } from './failure.ts';
import type { Probe } from './types.ts';

// RFC 2865, 2869, 5997.
const CODE = { request: 1, accept: 2, reject: 3, challenge: 11, status: 12 } as const;
const WORDS: Readonly<Record<number, string>> = { 2: 'accepted', 3: 'rejected', 11: 'challenged' };
const ATTRIBUTE = { userName: 1, userPassword: 2, nasIdentifier: 32, messageAuthenticator: 80 } as const;
const HEADER = 20;

/** Access-Request or Status-Server; the answer must prove that it knows the secret. */
export const probeRadius: Probe<RadiusExpectation> = (target, expectation) =>
  attempt(target, async (held) => {
    const question = request(expectation);
    held.stage = 'waiting for the answer';
    const answer = await exchangeDatagram(held, 1812, question);
    checkAuthenticity(answer, question, expectation.secret);
    const code = answer[0]!;
    const word = WORDS[code];
    if (word === undefined) throw new ProbeFailure(`garbage: code ${code}`);
    if (code !== CODE.accept && expectation.answer !== 'any') throw new ProbeFailure(`access ${word}`);
    return expectation.user === undefined ? 'the server is well' : `access ${word}`;
  });

function request(expectation: RadiusExpectation): Buffer {
  const { secret, user, password = '' } = expectation;
  const nonce = randomBytes(16);
  const attributes = [attribute(ATTRIBUTE.nasIdentifier, Buffer.from('hopline'))];
  if (user !== undefined) {
    attributes.push(attribute(ATTRIBUTE.userName, Buffer.from(user)));
    attributes.push(attribute(ATTRIBUTE.userPassword, hidden(password, secret, nonce)));
  }
  // Last, so that its place is known.
  attributes.push(attribute(ATTRIBUTE.messageAuthenticator, Buffer.alloc(16)));
  const body = Buffer.concat(attributes);
  const head = Buffer.from([user === undefined ? CODE.status : CODE.request, randomInt(256), 0, 0]);
  head.writeUInt16BE(HEADER + body.length, 2);
  const packet = Buffer.concat([head, nonce, body]);
  createHmac('md5', secret)
    .update(packet)
    .digest()
    .copy(packet, packet.length - 16);
  return packet;
}

function attribute(type: number, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type, value.length + 2]), value]);
}

/** User-Password as RFC 2865, 5.2 hides it. */
function hidden(password: string, secret: string, nonce: Buffer): Buffer {
  const clear = Buffer.from(password);
  const padded = Buffer.alloc(Math.max(16, Math.ceil(clear.length / 16) * 16));
  clear.copy(padded);
  let previous = nonce;
  for (let at = 0; at < padded.length; at += 16) {
    const mask = createHash('md5').update(secret).update(previous).digest();
    for (let i = 0; i < 16; i++) padded[at + i]! ^= mask[i]!;
    previous = padded.subarray(at, at + 16);
  }
  return padded;
}

/** @throws ProbeFailure when this is no answer to the question by somebody who knows the secret */
function checkAuthenticity(answer: Buffer, question: Buffer, secret: string): void {
  if (answer.length < HEADER || answer.readUInt16BE(2) > answer.length || answer[1] !== question[1]) {
    throw new ProbeFailure('garbage: no answer to this request');
  }
  const packet = answer.subarray(0, answer.readUInt16BE(2));
  const proof = createHash('md5')
    .update(packet.subarray(0, 4))
    .update(question.subarray(4, HEADER))
    .update(packet.subarray(HEADER))
    .update(secret)
    .digest();
  if (!proof.equals(packet.subarray(4, HEADER))) throw new ProbeFailure('the answer was made with another secret');
}
