import type { TlsExpectation } from '../../terms/health/expectations.ts';
import { attempt } from './attempt.ts';
import { checkCertificate, connectTls } from './tls-session.ts';
import type { Probe } from './types.ts';

/** Handshakes and judges the certificate. */
export const probeTls: Probe<TlsExpectation> = (target, expectation) =>
  attempt(target, async (held) => {
    const session = await connectTls(held, 443, expectation);
    return checkCertificate(session, expectation);
  });
