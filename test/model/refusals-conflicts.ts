import { file, type Refusal } from './refusal.ts';

const PART =
  'lead one of them through another device, give them ports that do not meet, or open both from the same interfaces';

/** Definitions that nobody could tell apart. */
export const CONFLICTS: readonly Refusal[] = [
  {
    name: 'two services with one address and port',
    text: file({ services: '+mall: {address: 198.51.100.10, port: ▸443, sequence: [web2]}' }),
    message: 'services shop and mall both claim 198.51.100.10:443/tcp from i0',
    hint: 'change the address or port of one of them, or let them be opened from different interfaces (from: ...)',
  },
  {
    name: 'two services with any port of one address',
    text: file({
      services:
        'a: {address: 198.51.100.10, port: any, sequence: [web2]}\n  b: {address: ▸198.51.100.10, port: any, sequence: [fw1, web2]}',
    }),
    message: 'services a and b both claim 198.51.100.10:any/tcp from i0',
    hint: 'change the address or port of one of them, or let them be opened from different interfaces (from: ...)',
  },
  {
    name: 'overlapping ranges of one address',
    text: file({
      services:
        'a: {address: 198.51.100.10, port: 1025-1125, sequence: [web2]}\n  b: {address: 198.51.100.10, port: ▸1100-1200, sequence: [fw1, web2]}',
    }),
    message: 'services a and b have overlapping ports of 198.51.100.10:1100-1200/tcp from i0: 1025-1125 and 1100-1200',
    hint: 'change one of the ranges, or give one service another address or from',
  },
  {
    name: 'two services that reach one server and port by NAT',
    text: file({
      services:
        'a: {address: 198.51.100.10, port: 80, sequence: [web1]}\n  b: {address: 198.51.100.11, port: 80, sequence: ▸[fw1, web1]}',
    }),
    message: 'services a and b both reach web1:80 by NAT; a reply could belong to either',
    hint: 'give web1 mode loopback or alias, or one of the services another port or address there',
  },
  {
    name: 'NAT to one port by translation',
    text: file({
      services:
        'a: {address: 198.51.100.10, port: 80, sequence: [web1: {port: 8080}]}\n  b: {address: 198.51.100.11, port: 8080, sequence: ▸[web1]}',
    }),
    message: 'services a and b both reach web1:8080 by NAT; a reply could belong to either',
    hint: 'give web1 mode loopback or alias, or one of the services another port or address there',
  },
  {
    name: 'one address and port from two interfaces through one device',
    text: file({
      interfaces: '+i4: {faces: clients}',
      services:
        'a: {address: 198.51.100.10, port: 80, from: i0, sequence: [fw1, web1]}\n  b: {address: 198.51.100.10, port: 80, from: i4, sequence: ▸[fw1, web2]}',
    }),
    message: 'services a and b both pass 198.51.100.10:80/tcp through fw1, whose packets could belong to either',
    hint: 'lead one of them through another device, or give it another address or port',
  },
  {
    name: 'a revealed port that is a service of that device already',
    text: file({
      services:
        'a: {address: 198.51.100.10, port: 443, sequence: [fw1: {reveals: {port: 80}}, web2]}\n  b: {address: 198.51.100.10, port: 80, sequence: ▸[fw1, web2]}',
    }),
    message: 'services a and b both pass 198.51.100.10:80/tcp through fw1, whose packets could belong to either',
    hint: 'lead one of them through another device, or give it another address or port',
  },
  {
    name: 'a device twice in one direction',
    text: file({ services: 'a: {address: 198.51.100.10, port: 80, sequence: ▸[fw1, fw2, fw1, web2]}' }),
    message: 'service a gets 198.51.100.10:80/tcp from fw1 at two places and could not tell which',
    hint: 'name the device once, use another one, or put one that reveals another port between',
  },
  {
    name: 'a device twice by its pool',
    text: file({ services: 'a: {address: 198.51.100.10, port: 80, sequence: ▸[firewalls, fw1, web2]}' }),
    message: 'service a gets 198.51.100.10:80/tcp from fw1 at two places and could not tell which',
    hint: 'name the device once, use another one, or put one that reveals another port between',
  },
  {
    name: 'a tap that gets two copies',
    text: file({ services: 'a: {address: 198.51.100.10, port: 80, sequence: ▸[copy: ids1, fw1, copy: ids1, web2]}' }),
    message: 'service a gives copies of 198.51.100.10:80/tcp to ids1 at two places; an answer could go on from either',
    hint: 'write answers: drop at one of them: copy: {to: [...], answers: drop}',
  },
  {
    name: 'two services whose answers of a tap cannot be told apart',
    text: file({
      interfaces: '+i4: {faces: clients}',
      services:
        'a: {address: 198.51.100.10, port: 80, from: i0, sequence: [copy: ids1, web1]}\n  b: {address: 198.51.100.10, port: 80, from: i4, sequence: ▸[copy: ids1, web2]}',
    }),
    message: 'services a and b both give copies of 198.51.100.10:80/tcp to ids1, whose answers could belong to either',
    hint: 'write answers: drop in one of them, or use another tap',
  },
  {
    name: 'an opener named twice',
    text: file({ services: 'a: {address: 198.51.100.10, port: 80, from: ▸[i0, i0], sequence: [web2]}' }),
    message: 'service a is opened from i0 twice',
    hint: 'name it once',
  },
  {
    name: 'two outward services of one address',
    text: file({
      services:
        'a: {outward: true, address: 10.0.3.11, sequence: [fw1, i0]}\n  b: {outward: true, address: ▸10.0.3.11, sequence: [fw2, i0]}',
    }),
    message: 'services a and b both claim 10.0.3.11:any/tcp from web1',
    hint: 'change the address or port of one of them, or let them be opened from different interfaces (from: ...)',
  },
  {
    name: 'any port and one port of a server by NAT',
    text: file({
      services:
        'a: {address: 198.51.100.10, port: any, sequence: [web1]}\n  b: {address: 198.51.100.11, port: 80, sequence: ▸[web1]}',
    }),
    message: 'services a and b both reach web1 by NAT, with the ports any and 80; a reply could belong to either',
    hint: 'give web1 mode loopback or alias, or the services ports there that do not meet',
  },
  {
    name: 'a range and a port in it of a server by NAT',
    text: file({
      services:
        'a: {address: 198.51.100.10, port: 80, sequence: [web1]}\n  b: {address: 198.51.100.11, port: 1-1000, sequence: ▸[web1]}',
    }),
    message: 'services a and b both reach web1 by NAT, with the ports 80 and 1-1000; a reply could belong to either',
    hint: 'give web1 mode loopback or alias, or the services ports there that do not meet',
  },
  {
    name: 'any port and a range of a server by NAT',
    text: file({
      services:
        'a: {address: 198.51.100.10, port: any, sequence: [web1]}\n  b: {address: 198.51.100.11, port: 1-1000, sequence: ▸[web1]}',
    }),
    message: 'services a and b both reach web1 by NAT, with the ports any and 1-1000; a reply could belong to either',
    hint: 'give web1 mode loopback or alias, or the services ports there that do not meet',
  },
  {
    name: 'any port from one interface and one port from another one, at one server',
    text: file({
      interfaces: '+i4: {faces: clients}',
      services:
        'a: {address: 198.51.100.10, port: any, from: i0, sequence: [fw1, web2]}\n  b: {address: 198.51.100.10, port: 80, from: i4, sequence: ▸[web2]}',
    }),
    message:
      'services a and b both pass 198.51.100.10 through web2, with the ports any and 80; a packet could belong to either',
    hint: PART,
  },
  {
    name: 'any port from one interface and one port from another one, through one device',
    text: file({
      interfaces: '+i4: {faces: clients}',
      services:
        'a: {address: 198.51.100.10, port: any, from: i0, sequence: [fw1, web1]}\n  b: {address: 198.51.100.10, port: 80, from: i4, sequence: ▸[fw1, web2]}',
    }),
    message:
      'services a and b both pass 198.51.100.10 through fw1, with the ports any and 80; a packet could belong to either',
    hint: PART,
  },
  {
    name: 'a translated port of a server that has any port',
    text: file({
      services:
        'a: {address: 198.51.100.10, port: 8443, sequence: [web2: {port: 443}]}\n  b: {address: 198.51.100.10, port: any, sequence: ▸[web2]}',
    }),
    message:
      'services a and b both pass 198.51.100.10 through web2, with the ports 443 and any; a packet could belong to either',
    hint: PART,
  },
  {
    name: 'any port inward and any port outward of one address',
    text: file({
      services:
        'a: {address: 198.51.100.10, port: any, sequence: [web2]}\n  o: {outward: true, address: ▸198.51.100.10, from: web2, sequence: [fw2, i0]}',
    }),
    message:
      'services a and o have opposite directions, the address 198.51.100.10 and the ports any and any at web2; a packet from there could belong to either',
    hint: 'name single ports in one of them, or give it another address',
  },
  {
    name: 'ports above 1024 inward and any port outward of one address',
    text: file({
      services:
        'o: {outward: true, address: 198.51.100.10, from: web2, sequence: [fw2, i0]}\n  a: {address: ▸198.51.100.10, port: 1025-65535, sequence: [web2]}',
    }),
    message:
      'services o and a have opposite directions, the address 198.51.100.10 and the ports any and 1025-65535 at i0; a packet from there could belong to either',
    hint: 'name single ports in one of them, or give it another address',
  },
  {
    name: 'two addresses of one service by NAT',
    text: file({ services: 'a: {address: [198.51.100.10, 198.51.100.11], port: 80, sequence: ▸[web1]}' }),
    message: 'service a reaches web1:80 by NAT under several addresses; a reply could belong to any',
    hint: 'give web1 mode loopback or alias, or make a service of each address, with a port of its own there',
  },
];
