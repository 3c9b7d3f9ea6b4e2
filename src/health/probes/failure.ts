/** The target answered, but not what was expected. The message stands on its own. */
export class ProbeFailure extends Error {
  override readonly name = 'ProbeFailure';
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset by the target',
  EPIPE: 'connection closed by the target',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable (no route to it)',
  EADDRNOTAVAIL: 'the source address is not on this machine, or all its ports are taken',
  ETIMEDOUT: 'no answer',
  EMFILE: 'this process has too many open files (raise its limit)',
  ENOENT: 'no such program',
};

/** What went wrong, as a clause for `ProbeResult.detail`. */
export function inWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, reason } = error as NodeJS.ErrnoException & { reason?: string };
  // OpenSSL's own words are in `reason`; its message has numbers around them.
  return (code === undefined ? undefined : WORDS[code]) ?? reason ?? (error.message || code || error.name);
}

/** At most 80 characters of what came, on one line and printable. */
export function excerpt(text: string): string {
  const short = text.length > 80 ? `${text.slice(0, 77)}...` : text;
  return JSON.stringify(short.replace(/[^\P{C}\r\n\t]|\ufffd/gu, '.'));
}
