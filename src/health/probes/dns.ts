import { Resolver } from 'node:dns/promises';
import { isIPv6 } from 'node:net';
import type { DnsExpectation } from '../../terms/health/expectations.ts';
import { attempt } from './attempt.ts';
import { socketAddress } from './connect.ts';
import { checkContent } from './content.ts';
import { ProbeFailure } from './failure.ts';
import type { Probe } from './types.ts';

const WORDS: Readonly<Record<string, string>> = {
  ENODATA: 'the name has no such record',
  ESERVFAIL: 'server failure (SERVFAIL)',
  EREFUSED: 'the server refuses to answer (REFUSED)',
  EFORMERR: 'the server did not understand (FORMERR)',
  ENOTIMP: 'not implemented there (NOTIMP)',
  EBADRESP: 'garbage',
};

/** One query, over UDP, and over TCP where the answer is too long for that. */
export const probeDns: Probe<DnsExpectation> = (target, expectation) =>
  attempt(target, async (held) => {
    const { name, type = 'A', answer, absent = false } = expectation;
    const resolver = new Resolver({ timeout: target.timeoutMs + 1_000, tries: 1 });
    held.defer(() => resolver.cancel());
    const address = socketAddress(target);
    resolver.setServers([`${address.includes(':') ? `[${address}]` : address}:${target.port ?? 53}`]);
    if (target.from !== undefined) {
      resolver.setLocalAddress(...((isIPv6(target.from) ? ['0.0.0.0', target.from] : [target.from]) as [string]));
    }
    held.stage = `asking for ${name} ${type}`;
    const records = await recordsOf(resolver, name, type);
    if (absent) {
      if (records === undefined) return `${name} does not exist, as expected`;
      throw new ProbeFailure(`${name} exists: ${records}`);
    }
    if (records === undefined) throw new ProbeFailure('the name does not exist (NXDOMAIN)');
    checkContent('the answer', records, answer);
    return records.replaceAll('\n', ', ');
  });

/** Undefined when the name does not exist. */
async function recordsOf(resolver: Resolver, name: string, type: string): Promise<string | undefined> {
  try {
    const records: unknown = await resolver.resolve(name, type);
    return (Array.isArray(records) ? records : [records]).map(recordText).join('\n');
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOTFOUND') return undefined;
    throw WORDS[code] === undefined ? error : new ProbeFailure(WORDS[code]);
  }
}

function recordText(record: unknown): string {
  if (typeof record === 'string') return record;
  if (Array.isArray(record)) return record.join('');
  return Object.values(record as object).join(' ');
}
