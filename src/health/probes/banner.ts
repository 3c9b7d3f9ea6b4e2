import type { BannerExpectation, TlsExpectation } from '../../terms/health/expectations.ts';

/** The part of `tls` that holds from the first byte on. */
export function tlsAtOnce(expectation: BannerExpectation): TlsExpectation | undefined {
  return expectation.implicit === true ? expectation.tls : undefined;
}

/** The part of `tls` that the protocol's own command begins. */
export function tlsLater(expectation: BannerExpectation): TlsExpectation | undefined {
  return expectation.implicit === true ? undefined : expectation.tls;
}
