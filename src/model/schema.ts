/** The definition file as it is written. What depends on other parts of the file is judged in check-*.ts. */
import { z } from 'zod';
import { ADDRESS_CURE, addressCure, addressNoun, isAddress, isMac, isName, MAC_CURE, NAME_CURE } from './words.ts';

/** What a value should have been, and what to write; explain.ts puts the place and the value before it. */
function not(noun: string, cure: string): { error: (issue: { input?: unknown }) => string } {
  return { error: ({ input }) => `${input === undefined || input === null ? 'is missing' : `is ${noun}`}\n${cure}` };
}

/** For a value whose fault can be told more exactly. */
function told(
  noun: (value: string) => string,
  cure: (value: string) => string,
): { error: (issue: { input?: unknown }) => string } {
  return { error: ({ input }) => `is ${noun(String(input))}\n${cure(String(input))}` };
}

const nameWords = not('not a name', NAME_CURE);
const name = z.string(nameWords).refine(isName, nameWords).meta({ pattern: '^[A-Za-z][A-Za-z0-9._-]{0,62}$' });

const address = z
  .string(not('not an address', ADDRESS_CURE))
  .refine(isAddress, told(addressNoun, addressCure))
  .describe('An IPv4 or IPv6 address');

const mac = z
  .string(not('not a MAC', MAC_CURE))
  .refine(isMac, not('not the MAC of one machine', MAC_CURE))
  .describe('A MAC address: "02:00:00:00:01:01"');

const PORT_CURE = 'write a port from 1 to 65535, a range as in "1025-1125", a list of these, or any';
const portWords = not('not a port', PORT_CURE);
const portNumber = z.int(portWords).min(1, portWords).max(65535, portWords);
const portRange = z
  .string(portWords)
  .regex(/^(any|\d{1,5}(-\d{1,5})?)$/, portWords)
  .refine(isPortText, portWords);
const port = z
  .union(
    [portNumber, portRange, z.array(z.union([portNumber, portRange], portWords), portWords).min(1, portWords)],
    portWords,
  )
  .describe('A port, a range "1025-1125", a list of them, or any');

const vlanWords = not('not a VLAN', 'write a number from 1 to 4094, or two of them as in [100, 7], outer first');
const vlanId = z.int(vlanWords).min(1, vlanWords).max(4094, vlanWords);
const vlan = z.union([vlanId, z.array(vlanId, vlanWords).min(1, vlanWords).max(2, vlanWords)], vlanWords);

const PROTOCOL_CURE = 'write tcp, udp, icmp, icmp6, or a protocol number from 0 to 255';
const protocolWords = not('not a protocol', PROTOCOL_CURE);
const protocol = z.union(
  [
    z.enum(['tcp', 'udp', 'icmp', 'icmp6'], protocolWords),
    z.int(protocolWords).min(0, protocolWords).max(255, protocolWords),
  ],
  protocolWords,
);

const FACES = ['clients', 'devices', 'both'] as const;
const facesWords = not('not what an interface can face', 'write clients, devices or both');
const face = z.enum(FACES, facesWords);

function oneOrMore<T extends z.ZodType>(each: T, noun: string, cure: string) {
  return z.union([each, z.array(each, not(noun, cure)).min(1, not('an empty list', cure))], not(noun, cure));
}

const names = oneOrMore(name, 'not a name or a list of names', NAME_CURE);
const addresses = oneOrMore(address, 'not an address or a list of addresses', ADDRESS_CURE);
const text = z.string(not('not a text', 'write a word, in quotes when it looks like a number'));
const flag = z.boolean(not('neither true nor false', 'write true or false'));

function choice<const T extends readonly [string, ...string[]]>(...words: T) {
  const [last, ...rest] = [...words].reverse();
  return z.enum(
    words,
    not(`not one of ${words.join(', ')}`, `write ${[...rest.reverse(), ''].join(', ').slice(0, -2)} or ${last}`),
  );
}

function table<T extends z.ZodType>(value: T, what: string) {
  return z.record(name, value, not('not a table of names', `write ${what} as a table: "name: {...}"`));
}

/** An object of exactly these keys. For an unknown key the words are the keys there are: explain.ts picks the nearest. */
function fields<T extends z.ZodRawShape>(shape: T, what: string) {
  const keys = Object.keys(shape);
  const words = not(`not ${what}`, `write its keys in braces, as in {${keys[0]}: ...}`);
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? keys.join(' ') : words.error(issue)),
  });
}

export const interfaceSchema = fields(
  {
    nic: text.optional().describe('Name of the NIC; by default the name of the interface'),
    vlan: vlan.optional().describe('VLAN tag of the frames here, or two, outer first'),
    faces: z
      .union([face, z.array(face, facesWords).min(1, facesWords)], facesWords)
      .optional()
      .describe('Who is there; devices by default'),
    gateway: addresses.optional().describe('Router behind which the clients are; one for each family'),
    gateway_mac: mac.optional().describe("The router's MAC, where it is not learnt by ARP or ND"),
  },
  'an interface',
);

const legWords = not('not the name of an interface', 'name the interface it is on: {interface: i1, ...}');
const leg = fields(
  {
    interface: z.string(legWords).refine(isName, legWords),
    vlan: vlan.optional(),
    mac: mac.optional(),
    address: address.optional(),
  },
  'a leg',
);

export const deviceSchema = fields(
  {
    kind: choice('inline', 'tap', 'server', 'proxy', 'gateway'),
    forwards: choice('route', 'bridge').optional().describe('How an inline device passes packets on; route by default'),
    mode: choice('loopback', 'alias', 'nat', 'auto')
      .optional()
      .describe('How a server takes the service address; loopback by default'),
    function: text.optional(),
    vendor: text.optional(),
    address: address.optional().describe('Its own address: what nat rewrites to, and what its MAC is learnt by'),
    answered_by: names.optional().describe('Devices whose MACs its answers may come from too'),
    legs: fields({ outside: leg.optional(), inside: leg.optional(), only: leg.optional() }, 'a table of legs'),
  },
  'a device',
);

export const poolSchema = fields(
  {
    members: z
      .array(name, not('not a list of devices', 'write members: [fw1, fw2]'))
      .min(1, not('empty', 'name at least one device')),
    use: choice('primary', 'spread').optional().describe('primary: the active member does the work'),
    active: name.optional().describe('The member that works now; the first by default'),
  },
  'a pool',
);

const stepSchema = fields(
  {
    port: portNumber.optional().describe('Port at this device instead of the service port: the last step only'),
    reveals: fields(
      { address: address.optional(), protocol: protocol.optional(), port: port.optional() },
      'what a device reveals',
    ).optional(),
    translates: fields({ source: address }, 'a translation').optional(),
    alternate: names.optional().describe('Takes over when the device fails'),
  },
  'a step',
);
const copySchema = fields(
  {
    copy: z.union(
      [name, z.array(name), fields({ to: names, answers: choice('server', 'firewall', 'drop').optional() }, 'a copy')],
      not('not a list of taps', 'write copy: [ids1], or copy: {to: [ids1], answers: drop}'),
    ),
  },
  'a copy',
);
const namedStep = z
  .record(name, z.union([stepSchema, z.null()], not('not a step', 'write a name, or {name: {port: 8443}}')))
  .refine(
    (step) => Object.keys(step).length === 1,
    not('more than one step', 'begin each step with a dash of its own'),
  );
const sequence = z.array(
  z.union([name, copySchema, namedStep], not('not a step', 'write a name, {name: {port: 8443}}, or {copy: [ids1]}')),
  not('not a sequence', 'write a list: [firewalls, app1]'),
);

export const serviceSchema = fields(
  {
    customer: text.optional(),
    address: addresses,
    protocol: protocol.optional().describe('tcp by default'),
    port: port.optional(),
    outward: flag.optional().describe('The address is the one that opens'),
    from: names
      .optional()
      .describe('Who may open it: interfaces and devices; by default every interface that faces clients'),
    exit: name
      .optional()
      .describe('Where the last leg of the way back goes: an interface with a gateway, a device, or route'),
    sequence,
    return: sequence.optional().describe('The way back, from the end outwards, where it is not the same in reverse'),
  },
  'a service',
);

/** The whole file. docs/hopline.schema.json is made of it. */
export const fileSchema = fields(
  {
    interfaces: table(interfaceSchema, 'interfaces'),
    devices: table(deviceSchema, 'devices').nullish(),
    pools: table(poolSchema, 'pools').nullish(),
    services: table(serviceSchema, 'services').nullish(),
  },
  'a definition file',
);

export type RawInterface = z.infer<typeof interfaceSchema>;
export type RawLeg = z.infer<typeof leg>;
export type RawDevice = z.infer<typeof deviceSchema>;
export type RawPool = z.infer<typeof poolSchema>;
export type RawService = z.infer<typeof serviceSchema>;
export type RawStep = z.infer<typeof sequence>[number];
export type RawCopy = z.infer<typeof copySchema>['copy'];
export type RawStepKeys = z.infer<typeof stepSchema>;
export type RawReveals = NonNullable<RawStepKeys['reveals']>;
export type RawPort = z.infer<typeof port>;

function isPortText(value: string): boolean {
  if (value === 'any') return true;
  const [from, to = from] = value.split('-').map(Number);
  return from! >= 1 && from! <= to! && to! <= 65535;
}
