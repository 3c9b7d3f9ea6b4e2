/** The options of every probe, as they are written: docs/design/probes.md. */
import * as z from 'zod';
import { address, choice, fields, flag, mac, not, portNumber } from './schema-parts.ts';
import {
  anyText,
  argument,
  certificate,
  credential,
  headerValue,
  hostAndPort,
  hostName,
  isFilePath,
  line,
  objectIdentifier,
  paragraph,
  requestTarget,
  token,
} from './schema-texts.ts';

const EXPRESSION_CURE = 'write a regular expression without slashes, as in "^ok"';
const expression = anyText.refine(isExpression, not('no regular expression', EXPRESSION_CURE));
const content = z.union(
  [expression, fields({ contains: anyText.optional(), matches: expression.optional() }, 'what it must hold')],
  not('not what an answer must hold', 'write a regular expression, or {contains: "welcome"}'),
);

const statusWords = not('not a status', 'write a code as 200, 2xx or 200-399, or a list of these');
const code = z.union(
  [
    z.int(statusWords).min(100, statusWords).max(699, statusWords),
    z.string(statusWords).regex(/^([1-6][0-9x]{2}|[1-6]\d{2}-[1-6]\d{2})$/, statusWords),
  ],
  statusWords,
);
const status = z.union([code, z.array(code, statusWords).min(1, statusWords)], statusWords);

const daysWords = not('not a number of days', 'write days for which the certificate must still last, as in 14');
const tlsKeys = {
  name: hostName.optional().describe('Name to ask for and to find in the certificate'),
  days: z.number(daysWords).min(0, daysWords).optional().describe('The certificate must last so long; 0 by default'),
  trusted: flag.optional().describe('An authority must vouch for it; false by default'),
  authority: certificate.optional().describe("The authority's certificate itself (PEM), instead of the machine's"),
  oldest: choice('TLSv1.2', 'TLSv1.3').optional(),
} as const;
const tls = z.union(
  [z.literal(true), fields(tlsKeys, 'TLS')],
  not('not TLS', 'write true, or {name: www.example.com}'),
);

const pcapWords = not('not the full path of a file', 'write it from the root: /etc/hopline/frames.pcap');
const pcap = z.string(pcapWords).refine(isFilePath, pcapWords).describe('Full path of a pcap file');
const sizeWords = not('not a size', 'write bytes of payload from 0 to 65000');
const runWords = not('not a command', 'write program and arguments: [/usr/lib/checks/web, web1]');
const run = z.array(argument, runWords).min(1, runWords);
const exitWords = not('not an exit code', 'write a number from 0 to 255');
const bound = z.number(not('not a number', 'write a number'));

/** Where every probe over an address is sent. */
const asked = {
  address: address.optional().describe("Whom to ask; the device's own address by default"),
  from: address.optional().describe("Source address, one of the engine's"),
  port: portNumber.optional(),
} as const;
const login = { user: credential.optional(), password: credential.optional() } as const;
const banner = {
  ...asked,
  greeting: content.optional(),
  tls: tls.optional(),
  implicit: flag.optional().describe('TLS from the first byte; false by default'),
} as const;
const database = {
  ...asked,
  ...login,
  database: line.optional(),
  query: paragraph.optional(),
  answer: content.optional(),
} as const;

function options<T extends z.ZodRawShape>(shape: T, kind: string) {
  return fields(shape, `what ${kind} is told`).optional();
}

/** By kind, the schema of its options. */
export const probeKinds = {
  through: options({ protocol: choice('udp', 'icmp').optional(), frames: pcap.optional() }, 'through'),
  negative: z.union([pcap, fields({ frames: pcap }, 'what negative is told')], pcapWords).optional(),
  handshake: options({ port: portNumber.optional(), address: address.optional() }, 'handshake'),
  neighbour: options({ address: asked.address, mac: mac.optional() }, 'neighbour'),
  icmp: options(
    {
      address: asked.address,
      from: asked.from,
      size: z.int(sizeWords).min(0, sizeWords).max(65_000, sizeWords).optional(),
    },
    'icmp',
  ),
  tcp: options(
    { ...asked, port: portNumber, send: anyText.optional(), answer: content.optional(), tls: tls.optional() },
    'tcp',
  ),
  udp: options({ ...asked, send: anyText.optional(), answer: content.optional() }, 'udp'),
  http: options(
    {
      ...asked,
      method: token.optional(),
      path: requestTarget.optional(),
      host: hostAndPort.optional(),
      headers: z.record(token, headerValue, not('not a table of headers', 'write {Accept: text/html}')).optional(),
      send: anyText.optional(),
      status: status.optional(),
      body: content.optional(),
      tls: tls.optional(),
    },
    'http',
  ),
  tls: options({ ...asked, ...tlsKeys }, 'tls'),
  dns: options(
    {
      ...asked,
      name: hostName,
      type: choice('A', 'AAAA', 'CNAME', 'MX', 'NS', 'PTR', 'SOA', 'SRV', 'TXT').optional(),
      answer: content.optional(),
      absent: flag.optional().describe('The name must not exist'),
    },
    'dns',
  ),
  smtp: options({ ...banner, hello: hostAndPort.optional() }, 'smtp'),
  pop3: options({ ...banner, ...login }, 'pop3'),
  imap: options({ ...banner, ...login }, 'imap'),
  ftp: options({ ...banner, ...login }, 'ftp'),
  sip: options(
    {
      ...asked,
      transport: choice('udp', 'tcp').optional(),
      tls: tls.optional(),
      uri: requestTarget.optional(),
      status: status.optional(),
    },
    'sip',
  ),
  rtsp: options({ ...asked, uri: requestTarget.optional(), status: status.optional() }, 'rtsp'),
  mysql: options(database, 'mysql'),
  postgres: options({ ...database, encrypted: flag.optional() }, 'postgres'),
  ldap: options({ ...asked, ...login, base: line.optional(), tls: tls.optional() }, 'ldap'),
  radius: options(
    {
      ...asked,
      secret: credential.min(1, not('empty', 'write the secret that the server knows')),
      ...login,
      answer: choice('accept', 'any').optional(),
    },
    'radius',
  ),
  snmp: options(
    {
      ...asked,
      community: credential.optional(),
      user: fields(
        {
          name: credential,
          authenticate: fields({ by: choice('md5', 'sha', 'sha256', 'sha512'), key: credential }, 'a key').optional(),
          encrypt: fields({ by: choice('des', 'aes'), key: credential }, 'a key').optional(),
        },
        'a user',
      ).optional(),
      oid: objectIdentifier.optional(),
      answer: content.optional(),
      least: bound.optional(),
      most: bound.optional(),
    },
    'snmp',
  ),
  command: z
    .union(
      [
        run,
        fields(
          {
            run,
            exit: z.int(exitWords).min(0, exitWords).max(255, exitWords).optional(),
            output: content.optional(),
          },
          'what command is told',
        ),
      ],
      runWords,
    )
    .optional(),
} as const;

export type ProbeKindKey = keyof typeof probeKinds;

/** Kinds that ask something sensible without options. */
export const BARE_PROBES = [
  'through',
  'handshake',
  'neighbour',
  'icmp',
  'udp',
  'http',
  'tls',
  'smtp',
  'pop3',
  'imap',
  'ftp',
  'sip',
  'rtsp',
  'mysql',
  'postgres',
  'ldap',
  'snmp',
] as const;

export function isProbeKind(key: string): key is ProbeKindKey {
  return Object.hasOwn(probeKinds, key);
}

function isExpression(value: string): boolean {
  try {
    return new RegExp(value, 'm') instanceof RegExp;
  } catch {
    return false;
  }
}
