import type { DatabaseExpectation } from '../../terms/health/expectations.ts';
import { attempt } from './attempt.ts';
import { connectTcp } from './connect.ts';
import { checkContent } from './content.ts';
import { ProbeFailure } from './failure.ts';
import { exportsOf } from './load-module.ts';
import type { Probe } from './types.ts';

/** Without a user, one of these says that the server is there and judges logins. */
const JUDGED = new Set(['ER_ACCESS_DENIED_ERROR', 'ER_DBACCESS_DENIED_ERROR', 'ER_ACCESS_DENIED_NO_PASSWORD_ERROR']);

/**
 * Logs in and asks one query; without a user, a refused login is as good as any. Never hangs up before the login: the
 * server counts that as an error and, after 100 of them, locks this machine out.
 */
export const probeMysql: Probe<DatabaseExpectation> = async (target, expectation) => {
  // Loaded by the first probe that needs it, outside of its time.
  const { createConnection } = exportsOf((await import('mysql2')) as unknown as { default: typeof import('mysql2') });
  return attempt(target, async (held) => {
    const { user, password, database, query = 'SELECT 1', answer } = expectation;
    const stream = await connectTcp(held, 3306);
    held.stage = 'logging in';
    const connection = createConnection({
      stream,
      user: user ?? 'hopline',
      ...(password === undefined ? {} : { password }),
      ...(database === undefined ? {} : { database }),
      connectTimeout: target.timeoutMs + 1_000,
    });
    held.defer(() => connection.destroy());
    const failed = new Promise<never>((_, reject) => connection.on('error', reject));
    try {
      await Promise.race([connection.promise().connect(), failed]);
    } catch (error) {
      const { code = '', errno } = error as { code?: string; errno?: number };
      if (user === undefined && JUDGED.has(code)) return 'it judges logins';
      throw errno === undefined || errno < 1000 ? error : new ProbeFailure(`${(error as Error).message} (${code})`);
    }
    held.stage = query;
    const [rows] = await Promise.race([connection.promise().query({ sql: query, rowsAsArray: true }), failed]);
    const lines = Array.isArray(rows) ? rows.map((row) => (row as unknown[]).map(String).join(' ')) : [];
    checkContent('the answer', lines.join('\n'), answer);
    // Says goodbye, so that the server logs no broken connection.
    await Promise.race([connection.promise().end(), failed]);
    return `${query}: ${lines.length} rows`;
  });
};
