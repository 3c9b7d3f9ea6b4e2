/** The definition file as it is written. What depends on other parts of the file is judged in check-*.ts. */
import * as z from 'zod';
import { isName } from '../words.ts';
import { allDownSchema, fileHealthSchema, rulesSchema } from './schema-health.ts';
import {
  address,
  addresses,
  choice,
  fields,
  flag,
  mac,
  name,
  names,
  not,
  port,
  portNumber,
  protocol,
  table,
  vlan,
} from './schema-parts.ts';
import { label, nicName } from './schema-texts.ts';

const FACES = ['clients', 'devices', 'both'] as const;
const facesWords = not('not what an interface can face', 'write clients, devices or both');
const face = z.enum(FACES, facesWords);

export const interfaceSchema = fields(
  {
    nic: nicName.optional().describe('Name of the NIC; by default the name of the interface'),
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
    interface: z.string(legWords).refine(isName, legWords).describe('Name of the interface it is on'),
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
      .describe('How a server takes the service address; loopback by default, auto: found by trying'),
    function: label.optional().describe('What it does: firewall, ids, vpn'),
    vendor: label.optional().describe('Who made it'),
    address: address.optional().describe('Its own address: what nat rewrites to, and what its MAC is learnt by'),
    answered_by: names.optional().describe('Devices whose MACs its answers may come from too'),
    health: rulesSchema.optional().describe('How it is watched; by default as its kind is'),
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
    fail_back: flag.optional().describe('Back to an earlier member as soon as it is up; false by default'),
    all_down: allDownSchema.optional().describe('Where packets go when no member works; keep by default'),
    health: rulesSchema.optional().describe('How members are watched that say nothing themselves'),
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
    all_down: allDownSchema.optional().describe('Where packets go when nobody works here; as the pool says by default'),
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
    customer: label.optional().describe('For whom it is'),
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
    health: fileHealthSchema.optional().describe('How everything is watched, and who is told'),
  },
  'a definition file',
).meta({ patternProperties: { '^x-': {} } });

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
