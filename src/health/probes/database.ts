import type { Content } from './content.ts';

/** What the probes of databases have in common. */
export interface DatabaseExpectation {
  /** Logs in as this user; without one it is enough that the server judges logins. */
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  /** `SELECT 1` by default. */
  readonly query?: string;
  /** Looked for in the rows, one a line, columns parted by blanks. */
  readonly answer?: Content;
}
