import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { formatProblem } from '../../src/model/problem.ts';
import { readDefinitions } from '../../src/model/read/read.ts';
import { file } from './refusal.ts';

const PUBLISHED = JSON.parse(readFileSync(new URL('../../docs/hopline.schema.json', import.meta.url), 'utf8'));

/** A value in the place of X: every key of the schema that takes a text. */
const PROBED = (probe: string): string =>
  file({
    devices: `+x1: {kind: tap, health: {probes: [${probe}]}, legs: {only: {interface: i1, mac: "02:00:00:00:09:01"}}}`,
  });
const SERVICE = (key: string): string =>
  file({ services: `shop: {address: 198.51.100.10, port: 80, ${key}, sequence: [web2]}` });
const DEVICE = (key: string): string =>
  file({ devices: `+x1: {kind: tap, ${key}, legs: {only: {interface: i1, mac: "02:00:00:00:09:01"}}}` });

const LINES: readonly (readonly [string, string, string])[] = [
  ['customer', SERVICE('customer: X'), 'Müller & Söhne 株式会社 👩‍💻'],
  ['function', DEVICE('function: X'), 'ids'],
  ['vendor', DEVICE('vendor: X'), 'F3'],
  ['nic', file({ interfaces: '+i4: {nic: X}' }), 'enp3s0f0np0'],
  ['webhook', `${file({})}health: {notify: [{webhook: X}]}\n`, 'https://hooks.example.com/a?b=1'],
  [
    'pcap',
    file({ pools: '+more: {members: [fw1, fw2], health: {probes: [{negative: X}]}}' }),
    '/etc/hopline/stop.pcap',
  ],
  ['TLS name', PROBED('{tls: {address: 10.0.0.9, name: X}}'), 'www.example.com'],
  ['user', PROBED('{ftp: {address: 10.0.0.9, user: X}}'), 'probe'],
  ['password', PROBED('{ftp: {address: 10.0.0.9, user: a, password: X}}'), 'pass wörd'],
  ['database', PROBED('{postgres: {address: 10.0.0.9, user: a, database: X}}'), 'shop'],
  ['method', PROBED('{http: {address: 10.0.0.9, method: X}}'), 'HEAD'],
  ['path', PROBED('{http: {address: 10.0.0.9, path: X}}'), '/health?full=1'],
  ['host', PROBED('{http: {address: 10.0.0.9, host: X}}'), 'www.example.com:8080'],
  ['header', PROBED('{http: {address: 10.0.0.9, headers: {X: "1"}}}'), 'X-Check'],
  ['header value', PROBED('{http: {address: 10.0.0.9, headers: {A: X}}}'), 'text/html; q=0.5'],
  ['DNS name', PROBED('{dns: {address: 10.0.0.9, name: X}}'), '_sip._udp.example.com'],
  ['hello', PROBED('{smtp: {address: 10.0.0.9, hello: X}}'), 'mx.example.com'],
  ['SIP uri', PROBED('{sip: {address: 10.0.0.9, uri: X}}'), 'sip:100@example.com'],
  ['RTSP uri', PROBED('{rtsp: {address: 10.0.0.9, uri: X}}'), 'rtsp://example.com/a'],
  ['base', PROBED('{ldap: {address: 10.0.0.9, base: X}}'), 'dc=example,dc=com'],
  ['secret', PROBED('{radius: {address: 10.0.0.9, secret: X}}'), 's3cret'],
  ['community', PROBED('{snmp: {address: 10.0.0.9, community: X}}'), 'public'],
  ['SNMP user', PROBED('{snmp: {address: 10.0.0.9, user: {name: X}}}'), 'probe'],
  ['SNMP key', PROBED('{snmp: {address: 10.0.0.9, user: {name: a, authenticate: {by: sha, key: X}}}}'), '12345678'],
  ['oid', PROBED('{snmp: {address: 10.0.0.9, oid: X}}'), '1.3.6.1.2.1.1.3.0'],
];
const MANY: readonly (readonly [string, string, string])[] = [
  ['query', PROBED('{postgres: {address: 10.0.0.9, user: a, query: X}}'), 'SELECT 1\n  FROM a'],
  [
    'authority',
    PROBED('{tls: {address: 10.0.0.9, authority: X, trusted: true}}'),
    '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
  ],
];
const BINARY: readonly (readonly [string, string, string])[] = [
  ['send', PROBED('{tcp: {address: 10.0.0.9, port: 7, send: X}}'), 'PING\r\n\0'],
  ['contains', PROBED('{tcp: {address: 10.0.0.9, port: 7, answer: {contains: X}}}'), '\u001b[0m'],
  ['matches', PROBED('{tcp: {address: 10.0.0.9, port: 7, answer: X}}'), '^ok\n'],
];

/** NUL, escape, delete, C1's way to command a terminal, half a surrogate pair, bidi, the Unicode line end, tags nobody sees. */
const HARMFUL = ['\0', '\u001b', '\u007f', '\u009b', '\ud800', '\u202e', '\u2066', '\u2028', '\u{e0041}', '\ufffe'];

function problemsOf(text: string, value: string): readonly string[] {
  const written = text.replace('X', () => JSON.stringify(value));
  const result = readDefinitions(written, 'hopline.yaml');
  return result.ok ? [] : result.problems.map((problem) => formatProblem(problem, written));
}

describe('every text takes what it is for, and nothing that harms a terminal, a log, a label or a protocol', () => {
  test.each([...LINES, ...MANY, ...BINARY])('%s takes it', (_name, text, good) => {
    expect(problemsOf(text, good)).toEqual([]);
  });

  test.each([...LINES, ...MANY])('%s takes nothing harmful', (_name, text, good) => {
    for (const character of HARMFUL)
      for (const value of [`${good.slice(0, 1)}${character}${good.slice(1)}`, `${good}${character}`, character]) {
        const problems = problemsOf(text, value);
        expect(problems, JSON.stringify(value)).not.toEqual([]);
        // What is said of it is no harm either.
        expect(problems.join('').replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cs}\u2028\u202e\u2066\ufffe\u{e0041}]/u);
      }
  });

  test.each(LINES)('%s takes one line', (_name, text, good) => {
    for (const end of ['\n', '\r\n', '\r']) expect(problemsOf(text, `${good}${end}QUIT`)).not.toEqual([]);
  });

  test.each(BINARY)('%s takes no half of a surrogate pair', (_name, text) => {
    expect(problemsOf(text, 'a\udc00b')).not.toEqual([]);
  });

  test('an argument of a program takes anything but NUL', () => {
    const command = PROBED('{command: [/bin/echo, X]}');
    expect(problemsOf(command, 'a\n\u001b[0m')).toEqual([]);
    expect(problemsOf(command, 'a\0b')).not.toEqual([]);
  });
});

test('every text of the published schema says what it takes', () => {
  const mute: string[] = [];
  const visit = (node: unknown, path: string): void => {
    if (typeof node !== 'object' || node === null) return;
    const { type, $ref, description, pattern, enum: choices, const: only } = node as Record<string, unknown>;
    const says = description ?? pattern ?? choices ?? only;
    if (type === 'string' && $ref === undefined && says === undefined) mute.push(path);
    for (const [key, value] of Object.entries(node)) visit(value, `${path}/${key}`);
  };
  visit(PUBLISHED, '');
  expect(mute).toEqual([]);
});
