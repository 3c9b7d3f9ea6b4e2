import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

const END = '\r\n\r\n';
const HEADERS_MOST = 64 * 1024;

/** The socket, with one Content-Length where an answer has several that are equal (RFC 9110, 8.6): Node takes none of them. */
export function oneLength(socket: Socket): Duplex {
  let held: Buffer | undefined = Buffer.alloc(0);
  const stream = new Duplex({
    read: () => void socket.resume(),
    write: (piece, _, done) => void socket.write(piece, done),
    final: (done) => void socket.end(done),
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  const give = (piece: Buffer): void => {
    if (piece.length > 0 && !stream.push(piece)) socket.pause();
  };
  socket.on('data', (piece: Buffer) => {
    if (held === undefined) return give(piece);
    held = Buffer.concat([held, piece]);
    for (let end = held.indexOf(END); end >= 0; end = held.indexOf(END)) {
      const head = held.subarray(0, end + END.length).toString('latin1');
      give(Buffer.from(withOneLength(head), 'latin1'));
      held = held.subarray(end + END.length);
      // Answers that only announce another one (1xx) come before it.
      if (/^HTTP\/\S+ 1(?!01)/.test(head)) continue;
      give(held);
      held = undefined;
      return;
    }
    if (held.length < HEADERS_MOST) return;
    give(held);
    held = undefined;
  });
  socket.on('end', () => {
    if (held !== undefined) give(held);
    stream.push(null);
  });
  socket.on('error', (error) => stream.destroy(error));
  return stream;
}

function withOneLength(head: string): string {
  const lengths = [...head.matchAll(/\r\ncontent-length:[ \t]*([^\r\n]*?)[ \t]*(?=\r\n)/gi)];
  const values = new Set(lengths.flatMap(([, value = '']) => value.split(/[ \t]*,[ \t]*/)));
  const [only = ''] = values;
  if (values.size !== 1 || !/^\d+$/.test(only)) return head;
  let isFirst = true;
  return head.replace(/\r\ncontent-length:[^\r\n]*/gi, () => {
    const kept = isFirst ? `\r\nContent-Length: ${only}` : '';
    isFirst = false;
    return kept;
  });
}
