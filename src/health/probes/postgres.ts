import { Socket, type TcpNetConnectOpts } from 'node:net';
import type { PostgresExpectation } from '../../terms/health/expectations.ts';
import { attempt } from './attempt.ts';
import { closeWith, connectOptions } from './connect.ts';
import { checkContent } from './content.ts';
import { ProbeFailure } from './failure.ts';
import type { Probe } from './types.ts';

/** Without a user, one of these says that the server is there and judges logins. 57P03 (starting up) does not. */
const JUDGED = new Set(['28000', '28P01', '3D000']);

/** Logs in and asks one query; without a user, a refused login is as good as any. */
export const probePostgres: Probe<PostgresExpectation> = async (target, expectation) => {
  // Loaded by the first probe that needs it, outside of its time.
  const { default: pg } = await import('pg');
  return attempt(target, async (held) => {
    const { user, password = '-', database = 'postgres', query = 'SELECT 1', answer } = expectation;
    const options = connectOptions(target, 5432);
    const socket = new AimedSocket(options);
    closeWith(held, socket);
    const client = new pg.Client({
      host: options.host,
      port: options.port,
      user: user ?? 'hopline',
      password,
      database,
      ssl: expectation.encrypted === true ? { rejectUnauthorized: false } : false,
      application_name: 'hopline',
      stream: () => socket,
    });
    // With TLS the client has put a socket of its own over ours, which has to go first.
    const { connection } = client as unknown as { connection: { stream: Socket } };
    held.defer(() => connection.stream.destroy());
    // A connection that breaks while nothing is asked is told here, and to nobody else.
    client.on('error', () => undefined);
    held.stage = 'logging in';
    try {
      await client.connect();
    } catch (error) {
      if (!(error instanceof pg.DatabaseError)) throw error;
      if (user === undefined && JUDGED.has(error.code ?? '')) return 'it judges logins';
      throw new ProbeFailure(`${error.message} (${error.code})`);
    }
    held.stage = query;
    const { rows } = await client.query<unknown[]>({ text: query, rowMode: 'array' });
    checkContent('the answer', rows.map((row) => row.map(String).join(' ')).join('\n'), answer);
    // Says goodbye, so that the server logs no broken connection.
    await client.end();
    return `${query}: ${rows.length} rows`;
  });
};

/** The client says where to connect by host and port alone; this one goes from our source address. */
class AimedSocket extends Socket {
  readonly #options: TcpNetConnectOpts;
  constructor(options: TcpNetConnectOpts) {
    super();
    this.#options = options;
  }
  override connect(): this {
    return super.connect(this.#options);
  }
}
