/** Kinds of text in the definition file, each with what it takes: nothing that harms a terminal, a log, a label or a protocol. */
import * as z from 'zod';
import { not } from './schema-parts.ts';

/** Controls, half surrogate pairs, bidi marks and other characters that nobody sees (joiners of letters and signs aside). */
const UNSEEN = '\\p{Cc}\\p{Cs}\\p{Zl}\\p{Zp}\\p{Noncharacter_Code_Point}';
const FORMATS = '(?![\\u200c\\u200d])\\p{Cf}';
const SIGN = `(?:(?!${FORMATS})[^${UNSEEN}])`;

const FILE_PATH = new RegExp(`^/${SIGN}{0,4094}$`, 'u');

/** Without a pattern in the published schema: not every editor knows classes of Unicode. */
function kind(noun: string, cure: string, takes: string, pattern: RegExp, most: number) {
  const words = not(noun, cure);
  return z
    .string(not('not a text', 'write a word, in quotes when it looks like a number'))
    .max(most, words)
    .refine((value) => pattern.test(value), words)
    .describe(takes);
}

/** What people call something: a customer, a vendor. It becomes a label and a cell of a table. */
export const label = kind(
  'not a text of one line',
  'write 1 to 100 characters that can be seen, no control or bidi characters, no blank at either end',
  '1 to 100 characters that can be seen, no blank at either end',
  new RegExp(`^(?!\\s)${SIGN}+(?<!\\s)$`, 'u'),
  100,
);

/** What a protocol sends inside one line, or compares with one. */
export const line = kind(
  'not a text of one line',
  'write 1 to 1,000 characters without control or bidi characters',
  '1 to 1,000 characters of one line, no control or bidi characters',
  new RegExp(`^${SIGN}+$`, 'u'),
  1000,
);

/** A user's name or a password. */
export const credential = kind(
  'not something to log in with',
  'write at most 128 characters without control or bidi characters',
  'At most 128 characters, no control or bidi characters',
  new RegExp(`^${SIGN}*$`, 'u'),
  128,
);

/** Anything that may be sent, looked for or asked, over several lines too. Half a surrogate pair cannot be sent. */
export const anyText = kind(
  'not a text that can be sent',
  'write at most 100,000 characters, none of them half a surrogate pair',
  'At most 100,000 characters, line ends and other control characters among them (in double quotes: "\\r\\n", "\\x00")',
  /^\P{Cs}*$/u,
  100_000,
);

/** A text over lines, without controls. */
export const paragraph = kind(
  'not a text without control characters',
  'write at most 100,000 characters; of control characters only line ends and tabs',
  'At most 100,000 characters; of control characters only line ends and tabs',
  new RegExp(`^(?:[\\n\\r\\t]|${SIGN})+$`, 'u'),
  100_000,
);

/** An argument of a program: the system's own limit, and that an argument ends with NUL. */
export const argument = kind(
  'not an argument of a program',
  'write a text without NUL, of at most 100,000 characters',
  'A text without NUL',
  /^[^\0\p{Cs}]*$/u,
  100_000,
);

/** A NIC's name or altname, as ip link takes them; a name of its own has at most 15 characters, which is found out on the machine. */
export const nicName = kind(
  'not the name of a NIC',
  'write it as ip link shows it: no blanks, no "/" or ":", at most 127 characters',
  'Name of a NIC: no blanks, no "/" or ":"',
  /^(?!\.\.?$)[!-.0-9;-~]+$/,
  127,
);

/** A name of the DNS, or an address, as TLS, SMTP and the DNS take them; a service of SRV begins with "_". */
export const hostName = kind(
  'not the name of a host',
  'write letters, digits, "-", "_" and dots, as in www.example.com',
  'Letters, digits, "-", "_" and dots, as in www.example.com',
  /^(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?$|^\.$|^[0-9A-Fa-f:.]+$/,
  253,
);

/** A Host header: a name or address, and a port. */
export const hostAndPort = kind(
  'not a host',
  'write a name or an address and, where it is not the usual one, a port, as in www.example.com:8080',
  'A name or an address, and a port where it is not the usual one',
  /^[A-Za-z0-9_.[\]:-]+$/,
  260,
);

/** What stands between method and version of a request: it ends at the first blank. */
export const requestTarget = kind(
  'not what can be asked for',
  'write what follows the host in an address, as in /health?full=1, blanks and other characters as %20',
  'Visible ASCII without blanks, as in /health?full=1',
  /^[!-~]+$/,
  8000,
);

/** A method or the name of a header (RFC 9110, 5.6.2). */
export const token = kind(
  'not a token of HTTP',
  'write letters, digits and "-", as in GET or X-Check',
  "Letters, digits and !#$%&'*+-.^_`|~",
  /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/,
  100,
);

/** What a header says (RFC 9110, 5.5). */
export const headerValue = kind(
  'not what a header can say',
  'write visible characters of ASCII or Latin-1, and blanks',
  'Visible characters of ASCII or Latin-1, and blanks',
  /^[\t -~\u00a0-\u00ff]*$/,
  8000,
);

/** An object identifier of SNMP. */
export const objectIdentifier = kind(
  'not an object identifier',
  'write numbers with dots between, as in 1.3.6.1.2.1.1.3.0',
  'Numbers with dots between',
  /^\.?[0-2](\.(0|[1-9][0-9]{0,9})){1,127}$/,
  1000,
);

/** A certificate in PEM. */
export const certificate = paragraph.refine(
  (value) => /-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----/.test(value),
  not('not a certificate', 'write the PEM itself, from -----BEGIN CERTIFICATE----- on, behind a "|"'),
);

/** Whether it is the path of a file, from the root. */
export function isFilePath(value: string): boolean {
  return FILE_PATH.test(value);
}
