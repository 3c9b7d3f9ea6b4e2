import { file, type Refusal } from './refusal.ts';

const UNSEEN = (name: string, place: string): string => `${name} stands in ${place}, and nobody sees it`;
const BLANK = 'write an ordinary space instead, or none';

/** What people read otherwise than the machine does. */
export const READING: readonly Refusal[] = [
  {
    name: 'a no-break space as indentation',
    text: 'interfaces:\n▸\u00a0 i0: {}\n',
    message: UNSEEN('U+00A0 (no-break space)', 'the indentation'),
    hint: BLANK,
  },
  {
    name: 'a no-break space after the indentation',
    text: 'interfaces:\n  ▸\u00a0i0: {}\n',
    message: UNSEEN('U+00A0 (no-break space)', 'the indentation'),
    hint: BLANK,
  },
  {
    name: 'a no-break space after a key',
    text: 'interfaces:\n  i0▸\u00a0: {}\n',
    message: UNSEEN('U+00A0 (no-break space)', 'what is written without quotes'),
    hint: BLANK,
  },
  {
    name: 'a no-break space after a colon',
    text: 'interfaces:▸\u00a0{i0: {}}\n',
    message: UNSEEN('U+00A0 (no-break space)', 'what is written without quotes'),
    hint: BLANK,
  },
  {
    name: 'a no-break space that makes a file no YAML',
    text: 'interfaces:\n  - x\n▸\u00a0\u00a0- y\n',
    message: UNSEEN('U+00A0 (no-break space)', 'the indentation'),
    hint: BLANK,
  },
  {
    name: 'a zero width space in a key',
    text: file({ interfaces: '+i4: {fa▸\u200bces: clients}' }),
    message: UNSEEN('U+200B (zero width space)', 'what is written without quotes'),
    hint: 'take it out',
  },
  {
    name: 'an ideographic space as indentation',
    text: 'interfaces:\n▸\u3000i0: {}\n',
    message: UNSEEN('U+3000 (ideographic space)', 'the indentation'),
    hint: BLANK,
  },
  {
    name: 'a byte order mark inside the file',
    text: `interfaces:\n  i0: {}\n▸\ufeffdevices: {}\n`,
    message: UNSEEN('U+FEFF (byte order mark)', 'the indentation'),
    hint: 'take it out',
  },
  {
    name: 'a control character in a value without quotes',
    text: 'interfaces:\n  i0: {nic: e▸\u0007th0}\n',
    message: UNSEEN('U+0007 (a control character)', 'what is written without quotes'),
    hint: 'take it out',
  },
  {
    name: 'a no-break space in a key in quotes',
    text: 'interfaces:\n  ▸"i\u00a00": {}\n',
    message: 'interfaces.i\\u00a00: "i\\u00a00" is not a name',
    hint: 'write it without U+00A0 (no-break space): keys and names are plain ASCII',
  },
  {
    name: 'a letter of another script in a name',
    text: 'interfaces:\n  ▸i\u0430: {}\n',
    message: 'interfaces.i\u0430: "i\u0430" is not a name',
    hint: 'write it without U+0430: keys and names are plain ASCII',
  },
  {
    name: 'a letter of another script in a key',
    text: 'interfaces:\n  i0: {▸f\u0430ces: clients}\n',
    message: 'interfaces.i0: there is no key "f\u0430ces"',
    hint: 'write it without U+0430: keys and names are plain ASCII',
  },
  {
    name: 'a comment that turns round what stands beside it',
    text: 'interfaces:\n  i0: {} # ▸\u202e }stneilc :secaf{\n',
    message: 'U+202E (right-to-left override) turns round what is read here',
    hint: 'take it out',
  },
  {
    name: 'a port with a 0 in front',
    text: file({ services: 'shop: {address: 198.51.100.10, port: ▸0443, sequence: [web2]}' }),
    message: '0443 begins with 0: some read it as 443, others as an octal number',
    hint: 'write 443, or "0443" in quotes where a text is meant',
  },
  {
    name: 'a share with a 0 in front',
    text: file({ pools: '+more: {members: [fw1], health: {limits: [{loss: ▸05.5}]}}' }),
    message: '05.5 begins with 0: some read it as 5.5, others as an octal number',
    hint: 'write 5.5, or "05.5" in quotes where a text is meant',
  },
  ...['"0443"', '"0080-0090"', '"80-0090"'].map((port) => ({
    name: `port ${port}`,
    text: file({ services: `shop: {address: 198.51.100.10, port: ▸${port}, sequence: [web2]}` }),
    message: `services.shop.port: ${port} is not a port`,
    hint: 'write a port from 1 to 65535, a range as in "1025-1125", a list of these, or any',
  })),
  {
    name: 'an address with a 0 in front',
    text: file({ services: 'shop: {address: ▸198.51.100.010, port: 80, sequence: [web2]}' }),
    message: 'services.shop.address: "198.51.100.010" is not an address',
    hint: 'write an address that one machine can have, as in 198.51.100.10 or 2001:db8::10',
  },
  {
    name: 'a time with a 0 in front',
    text: file({ pools: '+more: {members: [fw1], health: {interval: ▸010ms}}' }),
    message: 'pools.more.health.interval: "010ms" is not a time',
    hint: 'write a time as in 10ms, 1s or 2m',
  },
  {
    name: 'a merge of what is no table',
    text: 'interfaces:\n  i0: {▸<<: 5}\n',
    message: 'not YAML: cannot merge mappings; the provided source object is unacceptable',
    hint: 'write tables behind <<, as in <<: *common or <<: [*a, *b], and fewer of them',
  },
];
