import type { Socket } from 'node:net';
import type { TlsExpectation } from '../../terms/health/expectations.ts';
import type { Attempt } from './attempt.ts';
import { connectTcp } from './connect.ts';
import { excerpt, ProbeFailure } from './failure.ts';
import { connectTls, startTls } from './tls-session.ts';

/** More than any answer of a healthy server before the first line or message ends. */
const MOST = 64 * 1024;

/** A connection spoken over in turns: lines or counted bytes come back. */
export class Conversation {
  readonly #attempt: Attempt;
  #socket: Socket;
  #received = Buffer.alloc(0);
  #ended: Error | undefined;
  #wake: () => void = () => undefined;

  private constructor(attempt: Attempt, socket: Socket) {
    this.#attempt = attempt;
    this.#socket = socket;
    this.#listen();
  }

  /** Connects, with TLS from the first byte where that is given. */
  static async open(attempt: Attempt, port: number, tls?: TlsExpectation): Promise<Conversation> {
    const socket = tls === undefined ? await connectTcp(attempt, port) : await connectTls(attempt, port, tls);
    return new Conversation(attempt, socket);
  }

  /** Goes on in TLS, after both sides agreed to. */
  async secure(tls: TlsExpectation): Promise<void> {
    this.#socket.removeAllListeners('data').removeAllListeners('end').removeAllListeners('close');
    this.#socket = await startTls(this.#attempt, this.#socket, tls);
    // What came in clear before the handshake is not to be believed.
    this.#received = Buffer.alloc(0);
    this.#listen();
  }

  send(data: string | Buffer): void {
    this.#socket.write(data);
  }

  /** One line without its end. @throws ProbeFailure */
  async line(): Promise<string> {
    const end = await this.#until((bytes) => bytes.indexOf(0x0a) + 1);
    return this.#take(end)
      .toString('latin1')
      .replace(/\r?\n$/, '');
  }

  /** Exactly this many bytes. @throws ProbeFailure */
  async bytes(count: number): Promise<Buffer> {
    if (count > MOST) throw new ProbeFailure(`garbage: announces ${count} bytes`);
    await this.#until((bytes) => (bytes.length >= count ? count : 0));
    return this.#take(count);
  }

  /** All that has come once a test of it says so. @throws ProbeFailure */
  async text(enough: (text: string) => boolean): Promise<string> {
    await this.#until((bytes) => (enough(bytes.toString('utf8')) ? bytes.length : 0));
    return this.#take(this.#received.length).toString('utf8');
  }

  async #until(measure: (bytes: Buffer) => number): Promise<number> {
    for (;;) {
      const size = measure(this.#received);
      if (size > 0) return size;
      if (this.#ended !== undefined) throw this.#ended;
      if (this.#received.length > MOST) {
        throw new ProbeFailure(`garbage: ${excerpt(this.#received.toString('latin1'))}`);
      }
      this.#socket.resume();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #take(size: number): Buffer {
    const taken = this.#received.subarray(0, size);
    this.#received = this.#received.subarray(size);
    return taken;
  }

  #listen(): void {
    const end = (error: Error): void => {
      this.#ended ??= error;
      this.#wake();
    };
    this.#socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      if (this.#received.length > MOST) this.#socket.pause();
      this.#wake();
    });
    this.#socket.on('error', end);
    this.#socket.on('end', () => end(this.#closed()));
    this.#socket.on('close', () => end(this.#closed()));
  }

  #closed(): ProbeFailure {
    const rest = this.#received.length === 0 ? '' : ` after ${excerpt(this.#received.toString('latin1'))}`;
    return new ProbeFailure(`connection closed by the target${rest}`);
  }
}

/** Whether the headers of an answer like HTTP's are all there; also when its first line is none of the protocol's. */
export function headersEnd(text: string, protocol: string): boolean {
  return text.includes('\n') && (!text.startsWith(protocol) || text.includes('\r\n\r\n'));
}
