import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { Turns } from '../../control/serial-queue.ts';
import { jsonText } from '../../terms/json.ts';

/** Elements of a list that are written in one turn of the event loop. */
const PART = 500;

/**
 * One request after the other, with a turn of the event loop before each: between two large answers whatever else waits
 * comes first, probes before all. What nobody waits for any more is not computed: all that was sent over a socket that is
 * gone, and the second and later requests of one whose other end has finished.
 */
export function answerInTurn(app: FastifyInstance): void {
  const turns = new Turns();
  const seen = new WeakSet<Socket>();
  const later = new WeakSet<object>();
  app.addHook('onRequest', async ({ raw }) => {
    if (seen.has(raw.socket)) later.add(raw);
    seen.add(raw.socket);
  });
  app.addHook('preHandler', async ({ raw }, reply) => {
    await turns.take(nextTurn);
    const { destroyed, readableEnded } = raw.socket;
    return destroyed || (readableEnded && later.has(raw)) ? reply.hijack() : undefined;
  });
}

/** A long list as JSON, a part in each turn of the event loop; nothing more of it once its reader has gone. */
export function inParts(list: Iterable<unknown>): Readable {
  return Readable.from(parts(list));
}

async function* parts(list: Iterable<unknown>): AsyncGenerator<string> {
  let part = '[';
  let count = 0;
  for (const element of list) {
    part += `${count === 0 ? '' : ','}${jsonText(element)}`;
    if (++count % PART > 0) continue;
    yield part;
    part = '';
    await nextTurn();
  }
  yield `${part}]`;
}
