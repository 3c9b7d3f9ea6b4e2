import type { LdapExpectation } from '../../terms/health/expectations.ts';
import { attempt } from './attempt.ts';
import { ber, berNumber, readBer } from './ber.ts';
import { Conversation } from './conversation.ts';
import { excerpt, ProbeFailure } from './failure.ts';
import type { Probe } from './types.ts';

// Tags of RFC 4511.
const SEQUENCE = 0x30;
const BIND = { request: 0x60, response: 0x61 } as const;
const SEARCH = { request: 0x63, entry: 0x64, done: 0x65, reference: 0x73 } as const;
const UNBIND = Buffer.from([0x42, 0]);

/** Binds and, where a base is given, reads that one entry. */
export const probeLdap: Probe<LdapExpectation> = (target, expectation) =>
  attempt(target, async (held) => {
    const { user = '', password = '', base, tls } = expectation;
    const conversation = await Conversation.open(held, tls === undefined ? 389 : 636, tls);
    held.stage = 'bind';
    conversation.send(message(1, ber(BIND.request, berNumber(2, 3), ber(4, user), ber(0x80, password))));
    await result(conversation, 1, BIND.response);
    if (base !== undefined) {
      held.stage = `search for ${base}`;
      conversation.send(message(2, searchFor(base)));
      await result(conversation, 2, SEARCH.done);
    }
    conversation.send(message(3, UNBIND));
    return base === undefined ? 'bound' : `bound, ${base} is there`;
  });

function message(id: number, operation: Buffer): Buffer {
  return ber(SEQUENCE, berNumber(2, id), operation);
}

/** The entry itself, whatever it is, without its attributes. */
function searchFor(base: string): Buffer {
  const [baseObject, neverDereference] = [berNumber(10, 0), berNumber(10, 0)];
  const [sizeLimit, timeLimit, typesOnly] = [berNumber(2, 1), berNumber(2, 0), berNumber(1, 0)];
  const limits = [baseObject, neverDereference, sizeLimit, timeLimit, typesOnly];
  return ber(SEARCH.request, ber(4, base), ...limits, ber(0x87, 'objectClass'), ber(SEQUENCE, ber(4, '1.1')));
}

/** Reads up to the result of a request. @throws ProbeFailure when it is no success */
async function result(conversation: Conversation, id: number, wanted: number): Promise<void> {
  for (;;) {
    const [number, operation] = readBer(await nextMessage(conversation));
    if (number?.tag !== 2 || operation === undefined) throw new ProbeFailure('garbage: not an LDAP message');
    if (number.contents.at(-1) !== id) throw new ProbeFailure('disconnected by the server');
    if (operation.tag === SEARCH.entry || operation.tag === SEARCH.reference) continue;
    if (operation.tag !== wanted) throw new ProbeFailure(`garbage: operation ${operation.tag}`);
    const [code, , diagnosis] = readBer(operation.contents);
    if (code?.contents.at(-1) === 0) return;
    const said = diagnosis?.contents.toString('utf8') ?? '';
    throw new ProbeFailure(`the server says ${code?.contents.at(-1)} ${excerpt(said)}`);
  }
}

async function nextMessage(conversation: Conversation): Promise<Buffer> {
  const head = await conversation.bytes(2);
  if (head[0] !== SEQUENCE) throw new ProbeFailure(`garbage: ${excerpt(head.toString('latin1'))}`);
  const first = head[1]!;
  if (first < 128) return conversation.bytes(first);
  const width = first & 0x7f;
  if (width < 1 || width > 4) throw new ProbeFailure('garbage: a message without its length');
  return conversation.bytes((await conversation.bytes(width)).readUIntBE(0, width));
}
