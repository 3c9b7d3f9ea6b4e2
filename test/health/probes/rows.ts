/** Every protocol against a server that is well (a real one where `real` names it), and what it must not be content with. */
import type { AddressProtocol, Expectations } from '../../../src/terms/health/expectations.ts';

export interface Row {
  readonly name: string;
  readonly kind: AddressProtocol;
  /** The Debian package that answers; else a scripted peer. */
  readonly real?: string;
  readonly port: number;
  readonly udp?: boolean;
  readonly expectation: unknown;
  /** What the words of success hold. */
  readonly detail: RegExp;
  /** Expectations that are not met, and the words of it. */
  readonly wrong: readonly (readonly [unknown, RegExp])[];
}

function row<Kind extends AddressProtocol>(
  kind: Kind,
  fields: Omit<Row, 'kind' | 'expectation' | 'wrong'> & {
    readonly expectation: Expectations[Kind];
    readonly wrong: readonly (readonly [Expectations[Kind], RegExp])[];
  },
): Row {
  return { kind, ...fields };
}

const TLS = { name: 'well.example' };
const V3 = {
  name: 'probe',
  authenticate: { by: 'sha', key: 'password1' },
  encrypt: { by: 'aes', key: 'password2' },
} as const;

export const rows: readonly Row[] = [
  row('tcp', {
    name: 'tcp',
    port: 7007,
    expectation: { send: 'ping', answer: { contains: 'ping' } },
    detail: /^connected, answer as expected$/,
    wrong: [[{ send: 'ping', answer: { contains: 'pong' } }, /does not contain "pong": "ping"/]],
  }),
  row('udp', {
    name: 'udp',
    port: 7007,
    udp: true,
    expectation: {},
    detail: /^answer as expected$/,
    wrong: [[{ send: 'a', answer: { matches: '^b$' } }, /does not match \/\^b\$\/: "a"/]],
  }),
  row('http', {
    name: 'http',
    real: 'nginx-light',
    port: 80,
    expectation: { path: '/', status: ['200'], body: { matches: '^all is well' } },
    detail: /^status 200, body as expected$/,
    wrong: [
      [{ path: '/gone' }, /status 404 Not Found/],
      [{ body: { contains: 'ill' } }, /body does not contain "ill": "all is well/],
      [{ host: 'other.example' }, /status 421/],
    ],
  }),
  row('http', {
    name: 'https',
    real: 'nginx-light',
    port: 443,
    expectation: { tls: TLS, body: { contains: 'well' } },
    detail: /^status 200, body as expected$/,
    wrong: [
      [{ tls: { name: 'other.example' } }, /does not match certificate's altnames/],
      [{ tls: TLS, path: '/gone' }, /status 404/],
    ],
  }),
  row('tls', {
    name: 'tls',
    real: 'nginx-light',
    port: 443,
    expectation: { ...TLS, days: 20 },
    detail: /^TLSv1\.3, certificate valid for 29 days$/,
    wrong: [
      [{ ...TLS, days: 60 }, /expires in 29 days/],
      [{ name: 'other.example' }, /altnames/],
      [{ ...TLS, trusted: true }, /not trusted: .*SELF_SIGNED/],
    ],
  }),
  row('dns', {
    name: 'dns',
    real: 'dnsmasq-base',
    port: 53,
    udp: true,
    expectation: { name: 'www.well.example', answer: { matches: '^192\\.0\\.2\\.7$' } },
    detail: /^192\.0\.2\.7$/,
    wrong: [
      [{ name: 'www.well.example', answer: { contains: '192.0.2.8' } }, /does not contain "192.0.2.8": "192.0.2.7"/],
      [{ name: 'other.well.example' }, /does not exist \(NXDOMAIN\)/],
      [{ name: 'www.well.example', absent: true }, /www.well.example exists: 192.0.2.7/],
      [{ name: 'www.elsewhere.example' }, /REFUSED/],
    ],
  }),
  row('smtp', {
    name: 'smtp',
    real: 'opensmtpd',
    port: 25,
    expectation: { greeting: { contains: 'well.example' } },
    detail: /well\.example ESMTP/,
    wrong: [[{ greeting: { contains: 'other.example' } }, /greeting does not contain "other.example"/]],
  }),
  row('pop3', {
    name: 'pop3',
    real: 'dovecot-pop3d',
    port: 110,
    expectation: { user: 'ann', password: 'secret' },
    detail: /^logged in as ann$/,
    wrong: [
      [{ user: 'ann', password: 'guess' }, /PASS: the server says "-ERR/],
      [{ greeting: { contains: 'ill' } }, /does not contain "ill"/],
    ],
  }),
  row('imap', {
    name: 'imap',
    real: 'dovecot-imapd',
    port: 143,
    expectation: { user: 'ann', password: 'secret' },
    detail: /^logged in as ann$/,
    wrong: [[{ user: 'ann', password: 'guess' }, /LOGIN: the server says "a NO/]],
  }),
  row('pop3', {
    name: 'pop3 with STLS',
    real: 'dovecot-pop3d',
    port: 110,
    expectation: { tls: TLS, user: 'ann', password: 'secret' },
    detail: /^logged in as ann$/,
    wrong: [[{ tls: { ...TLS, days: 60 } }, /expires in 29 days/]],
  }),
  row('imap', {
    name: 'imap over TLS',
    real: 'dovecot-imapd',
    port: 993,
    expectation: { tls: TLS, implicit: true, user: 'ann', password: 'secret' },
    detail: /^logged in as ann$/,
    wrong: [[{ tls: { name: 'other.example' }, implicit: true }, /altnames/]],
  }),
  row('ftp', {
    name: 'ftp',
    real: 'vsftpd',
    port: 21,
    expectation: { user: 'anonymous', password: 'hopline@' },
    detail: /^logged in as anonymous$/,
    wrong: [[{ user: 'ann', password: 'guess' }, /the server says "530/]],
  }),
  row('sip', {
    name: 'sip over UDP',
    real: 'sip-tester',
    port: 5060,
    udp: true,
    expectation: {},
    detail: /^SIP\/2\.0 200 OK$/,
    wrong: [[{ status: ['404'] }, /the server says "SIP\/2.0 200 OK"/]],
  }),
  row('sip', {
    name: 'sip over TCP',
    real: 'sip-tester',
    port: 5070,
    expectation: { transport: 'tcp' },
    detail: /^SIP\/2\.0 200 OK$/,
    wrong: [[{ transport: 'tcp', status: ['404'] }, /the server says "SIP\/2.0 200 OK"/]],
  }),
  row('rtsp', {
    name: 'rtsp',
    port: 554,
    expectation: {},
    detail: /^RTSP\/1\.0 200 OK$/,
    wrong: [[{ uri: 'rtsp://127.0.0.1/missing' }, /the server says "RTSP\/1.0 404/]],
  }),
  row('mysql', {
    name: 'mysql',
    real: 'mariadb-server-core',
    port: 3306,
    expectation: { user: 'ann', password: 'secret', answer: { matches: '^1$' } },
    detail: /^SELECT 1: 1 rows$/,
    wrong: [
      [{ user: 'ann', password: 'secret', answer: { contains: '2' } }, /does not contain "2": "1"/],
      [{ user: 'ann', password: 'guess' }, /Access denied for user 'ann'.* \(ER_ACCESS_DENIED_ERROR\)/],
      [{ user: 'ann', password: 'secret', query: 'SELECT nothing' }, /Unknown column 'nothing'/],
    ],
  }),
  row('mysql', {
    name: 'mysql without a user',
    real: 'mariadb-server-core',
    port: 3306,
    expectation: {},
    detail: /^it judges logins$/,
    wrong: [],
  }),
  row('postgres', {
    name: 'postgres',
    real: 'postgresql',
    port: 5432,
    expectation: {
      user: 'ann',
      password: 'secret',
      query: 'SELECT pg_is_in_recovery()',
      answer: { contains: 'false' },
    },
    detail: /^SELECT pg_is_in_recovery\(\): 1 rows$/,
    wrong: [
      [{ user: 'ann', password: 'guess' }, /password authentication failed for user "ann" \(28P01\)/],
      [{ user: 'ann', password: 'secret', answer: { contains: '2' } }, /does not contain "2": "1"/],
      [{ user: 'ann', password: 'secret', query: 'SELECT nothing' }, /column "nothing" does not exist/],
    ],
  }),
  row('postgres', {
    name: 'postgres over TLS',
    real: 'postgresql',
    port: 5432,
    expectation: {
      encrypted: true,
      user: 'ann',
      password: 'secret',
      query: 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
      answer: { contains: 'true' },
    },
    detail: /: 1 rows$/,
    wrong: [[{ encrypted: true, user: 'ann', password: 'guess' }, /password authentication failed/]],
  }),
  row('postgres', {
    name: 'postgres without a user',
    real: 'postgresql',
    port: 5432,
    expectation: {},
    detail: /^it judges logins$/,
    wrong: [],
  }),
  row('ldap', {
    name: 'ldap',
    real: 'slapd',
    port: 389,
    expectation: { user: 'cn=admin,dc=well,dc=example', password: 'secret', base: 'dc=well,dc=example' },
    detail: /^bound, dc=well,dc=example is there$/,
    wrong: [
      [{ user: 'cn=admin,dc=well,dc=example', password: 'guess' }, /bind: the server says 49/],
      [{ base: 'ou=gone,dc=well,dc=example' }, /the server says 32/],
    ],
  }),
  row('radius', {
    name: 'radius',
    real: 'freeradius',
    port: 1812,
    udp: true,
    expectation: { secret: 'shared', user: 'ann', password: 'a password of more than 16 bytes' },
    detail: /^access accepted$/,
    wrong: [[{ secret: 'shared', user: 'ann', password: 'guess' }, /access rejected/]],
  }),
  row('radius', {
    name: 'radius status',
    real: 'freeradius',
    port: 1812,
    udp: true,
    expectation: { secret: 'shared' },
    detail: /^the server is well$/,
    wrong: [[{ secret: 'other' }, /no answer|another secret/]],
  }),
  row('snmp', {
    name: 'snmp version 2c',
    real: 'snmpd',
    port: 161,
    udp: true,
    expectation: { oid: '1.3.6.1.2.1.1.5.0', answer: { contains: 'well' } },
    detail: /^well\.example$/,
    wrong: [
      [{ oid: '1.3.6.1.2.1.1.5.0', answer: { contains: 'ill' } }, /does not contain "ill": "well.example"/],
      [{ oid: '1.3.6.1.2.1.1.3.0', most: 0 }, /is more than 0/],
      [{ oid: '1.3.6.1.2.1.1.99.0' }, /NoSuch/],
      [{ community: 'guess' }, /no answer/],
    ],
  }),
  row('snmp', {
    name: 'snmp version 3',
    real: 'snmpd',
    port: 161,
    udp: true,
    expectation: { user: V3, oid: '1.3.6.1.2.1.1.5.0' },
    detail: /^well\.example$/,
    wrong: [[{ user: { ...V3, authenticate: { by: 'sha', key: 'guessed99' } } }, /reading/]],
  }),
];
