import { once } from 'node:events';
import { isIP, type Socket } from 'node:net';
import { checkServerIdentity, connect, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import type { TlsExpectation } from '../../terms/health/expectations.ts';
import type { Attempt } from './attempt.ts';
import { closeWith, connectOptions } from './connect.ts';
import { ProbeFailure } from './failure.ts';

const DAY = 86_400_000;
const contexts = new Map<string, SecureContext>();

/** A connection with TLS from the first byte. @throws ProbeFailure, or the socket's error */
export function connectTls(attempt: Attempt, port: number, expected: TlsExpectation): Promise<TLSSocket> {
  attempt.stage = 'connecting';
  const session = connect({ ...connectOptions(attempt.target, port), ...tlsOptions(expected) });
  session.setNoDelay(true);
  session.once('connect', () => {
    attempt.stage = 'TLS handshake';
  });
  return handshake(attempt, session, expected);
}

/** Goes on in TLS on a connection. @throws as connectTls */
export function startTls(attempt: Attempt, socket: Socket, expected: TlsExpectation): Promise<TLSSocket> {
  attempt.stage = 'TLS handshake';
  return handshake(attempt, connect({ socket, ...tlsOptions(expected) }), expected);
}

async function handshake(attempt: Attempt, session: TLSSocket, expected: TlsExpectation): Promise<TLSSocket> {
  closeWith(attempt, session);
  await Promise.race([once(session, 'secureConnect'), closedEarly(session)]);
  checkCertificate(session, expected);
  return session;
}

/** Everything is accepted by the handshake, and judged by `checkCertificate`. */
function tlsOptions(expected: TlsExpectation) {
  const { name } = expected;
  return {
    rejectUnauthorized: false,
    secureContext: contextFor(expected),
    servername: name !== undefined && isIP(name) === 0 ? name : '',
  };
}

/** A few words on the certificate. @throws ProbeFailure when it is not what it must be */
export function checkCertificate(session: TLSSocket, expected: TlsExpectation): string {
  const certificate = session.getPeerCertificate();
  const ends = Date.parse(certificate.valid_to);
  const left = Math.floor((ends - Date.now()) / DAY);
  if (ends < Date.now()) throw new ProbeFailure(`the certificate expired on ${certificate.valid_to}`);
  if (Date.parse(certificate.valid_from) > Date.now()) {
    throw new ProbeFailure(`the certificate is not valid before ${certificate.valid_from}`);
  }
  if (left < (expected.days ?? 0)) {
    throw new ProbeFailure(`the certificate expires in ${left} days (${certificate.valid_to})`);
  }
  const misnamed = expected.name === undefined ? undefined : checkServerIdentity(expected.name, certificate);
  if (misnamed !== undefined) throw new ProbeFailure(misnamed.message);
  if (expected.trusted === true && !session.authorized) {
    throw new ProbeFailure(`the certificate is not trusted: ${String(session.authorizationError)}`);
  }
  return `${session.getProtocol()}, certificate valid for ${left} days`;
}

/** Contexts are costly and never change: one for each kind. */
function contextFor(expected: TlsExpectation): SecureContext {
  const minVersion = expected.oldest ?? 'TLSv1.2';
  const key = `${minVersion} ${expected.authority ?? ''}`;
  const known = contexts.get(key);
  if (known !== undefined) return known;
  const ca = expected.authority;
  const context = createSecureContext({ minVersion, ...(ca === undefined ? {} : { ca }) });
  contexts.set(key, context);
  return context;
}

async function closedEarly(session: TLSSocket): Promise<never> {
  await new Promise((resolve) => session.once('close', resolve));
  throw new ProbeFailure('connection closed by the target');
}
