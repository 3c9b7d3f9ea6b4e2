import type { Content } from './content.ts';
import type { TlsExpectation } from './tls-session.ts';

/** What the probes of mail and file servers have in common. */
export interface BannerExpectation {
  /** What the server's greeting must hold. */
  readonly greeting?: Content;
  readonly tls?: TlsExpectation;
  /** Where TLS begins: with the connection, or (default) after the greeting by the protocol's own command. */
  readonly implicit?: boolean;
}

export interface LoginExpectation extends BannerExpectation {
  /** Logs in where given. */
  readonly user?: string;
  readonly password?: string;
}

/** The part of `tls` that holds from the first byte on. */
export function tlsAtOnce(expectation: BannerExpectation): TlsExpectation | undefined {
  return expectation.implicit === true ? expectation.tls : undefined;
}

/** The part of `tls` that the protocol's own command begins. */
export function tlsLater(expectation: BannerExpectation): TlsExpectation | undefined {
  return expectation.implicit === true ? undefined : expectation.tls;
}
