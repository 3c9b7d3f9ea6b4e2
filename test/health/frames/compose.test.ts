import { describe, expect, test } from 'vitest';
import { composeProbes } from '../../../src/health/frames/compose.ts';
import { FrameIds } from '../../../src/health/frames/ids.ts';
import { LastComposed } from '../../../src/health/frames/last-composed.ts';
import type { Device } from '../../../src/model/types.ts';
import { Limit } from '../../../src/terms/constants.ts';
import type { Question } from '../../../src/terms/health/question.ts';
import { word } from '../../packets/bytes.ts';
import { dissect, ethernet, icmp, ipv4, ipv6, raw, tcp, udp } from '../../packets/frame.ts';
import { type Definitions, device, FOUR, iface, learntLeg, leg, service, through } from '../../plan/models.ts';
import { addressed, asking, materials, watched } from './stage.ts';

const NETWORK = addressed({
  i0: [],
  i1: ['10.0.1.1/24', 'fd01::1/64'],
  i2: ['10.0.2.1/24', 'fd02::1/64'],
  i3: ['10.0.3.1/24'],
});
const OUT = '02:00:00:00:01:01';
const IN = '02:00:00:00:01:02';
const WEB = '02:00:00:00:09:01';

const routing = (more: Partial<Device> = {}): Device =>
  device('fw1', 'inline', leg('i1', { mac: OUT }), { inside: leg('i2', { mac: IN }), ...more });
const bridging = (): Device =>
  device('ips1', 'inline', learntLeg('i1'), { inside: learntLeg('i2'), forwards: 'bridge' });
const server = (mode: 'loopback' | 'nat', more: Partial<Device> = {}): Device =>
  device('web1', 'server', leg('i3', { mac: WEB }), { mode, address: '10.0.3.80', ...more });

function define(devices: readonly Device[], more: Partial<Definitions> = {}): Definitions {
  return { interfaces: FOUR, devices, services: [], ...more };
}

/** The frames of one probe of the first device. */
function frames(definitions: Definitions, question: Question, net = NETWORK, given = materials()) {
  const spec = asking({ [definitions.devices[0]!.name]: [question] });
  const composed = composeProbes(spec, watched(definitions, net), given);
  const legs = new Map(watched(definitions, net).fabric.legs.map((each) => [each.leg, each.name]));
  return composed.probes.map(({ direction, frame }) => ({
    direction,
    from: legs.get(frame.arrivesFrom),
    ...frame,
    read: dissect(frame.bytes),
  }));
}

/** Why a probe of the first device cannot be sent. */
function why(definitions: Definitions, question: Question, net = NETWORK, given = materials()): string {
  const spec = asking({ [definitions.devices[0]!.name]: [question] });
  const { probes, unsendable } = composeProbes(spec, watched(definitions, net), given);
  expect(probes).toEqual([]);
  return unsendable.map((each) => each.why).join();
}

const markAt = (bytes: Uint8Array, at: number) =>
  Array.from({ length: 8 }, (_, i) => new DataView(bytes.buffer).getUint32(at + 4 * i, true));

describe('through a bridging device', () => {
  test('a frame between the two MACs of the engine goes in at either leg and comes out of the other', () => {
    const [forward, back] = frames(define([bridging()]), { kind: 'through' });
    const [one, two] = ['02:00:00:00:00:01', '02:00:00:00:00:02'];
    expect(forward).toMatchObject({
      ...{ kind: 'marked', direction: 'forward', from: 'ips1.inside', ifindex: 11, offset: 14 },
      read: { to: two, from: one, type: 0x88b5, tags: [] },
    });
    expect(back).toMatchObject({
      ...{ kind: 'marked', direction: 'return', from: 'ips1.outside', ifindex: 12 },
      read: { to: one, from: two, type: 0x88b5 },
    });
    expect(markAt(forward!.bytes, 14)).toEqual([Limit.PROBE_MAGIC, 0xc0ffee, forward!.id, 0, 0xffffffff, 0, 0, 0]);
    expect(forward!.bytes.length).toBe(60);
    expect(forward!.id).not.toBe(back!.id);
  });

  test('legs on VLANs of one NIC get made-up MACs and their tags', () => {
    const interfaces = [iface('a', { nic: 'i1', vlans: [100] }), iface('b', { nic: 'i1', vlans: [100, 200] })];
    const ips = device('ips1', 'inline', learntLeg('a', { vlans: [100] }), {
      inside: learntLeg('b', { vlans: [100, 200] }),
      forwards: 'bridge',
    });
    const [forward, back] = frames({ interfaces, devices: [ips], services: [] }, { kind: 'through' });
    expect(forward!.read.tags).toEqual([{ type: 0x8100, id: 100, priority: 0 }]);
    expect(back!.read.tags.map(({ type, id }) => [type, id])).toEqual([
      [0x88a8, 100],
      [0x8100, 200],
    ]);
    expect(forward!.read.from).not.toBe(forward!.read.to);
    expect([forward!.offset, back!.offset]).toEqual([18, 22]);
  });

  test('legs without VLANs of their own on one NIC are refused', () => {
    const ips = device('ips1', 'inline', learntLeg('i1'), { inside: learntLeg('i1'), forwards: 'bridge' });
    expect(why(define([ips]), { kind: 'through' })).toMatch(/both legs are on i1.*give each leg a VLAN/);
  });
});

describe('through a routing device', () => {
  test('a datagram between the addresses of the engine goes to either leg', () => {
    const [forward, back] = frames(define([routing()]), { kind: 'through' });
    expect(forward).toMatchObject({
      ...{ direction: 'forward', from: 'fw1.inside', ifindex: 11, offset: 42 },
      read: { to: OUT, from: '02:00:00:00:00:01', checksumsValid: true },
    });
    expect(forward!.read.ip).toMatchObject({ source: '10.0.1.1', destination: '10.0.2.1', protocol: 17, ttl: 64 });
    expect(back!.read).toMatchObject({ to: IN, checksumsValid: true });
    expect(back!.read.ip).toMatchObject({ source: '10.0.2.1', destination: '10.0.1.1' });
    // One flow for a stateful device.
    expect(back!.read.ip!.sourcePort).toBe(forward!.read.ip!.destinationPort);
    expect(markAt(forward!.bytes, 42).slice(0, 3)).toEqual([Limit.PROBE_MAGIC, 0xc0ffee, forward!.id]);
  });

  test.each([
    [4, 'icmp', routing(), { protocol: 1, source: '10.0.1.1', icmp: { type: 8, code: 0 } }],
    [6, 'icmp', routing({ outside: leg('i1', { mac: OUT, address: 'fd01::5' }) }), { protocol: 58, source: 'fd01::1' }],
    [6, 'udp', routing({ outside: leg('i1', { mac: OUT, address: 'fd01::5' }) }), { protocol: 17, source: 'fd01::1' }],
  ] as const)('IPv%i by %s', (version, protocol, fw, packet) => {
    const both = frames(define([fw]), { kind: 'through', protocol });
    expect(both[0]!.read.ip).toMatchObject({ version, ...packet });
    for (const { read, bytes, offset } of both) {
      expect(read.checksumsValid).toBe(true);
      expect(markAt(bytes, offset)[0]).toBe(Limit.PROBE_MAGIC);
    }
  });

  test('any sequence number leaves the checksum right', () => {
    const [{ bytes, offset }] = frames(define([routing()]), { kind: 'through' }) as [ReturnType<typeof frames>[0]];
    const view = new DataView(bytes.buffer);
    view.setUint32(offset + 12, 0x12345678, true);
    view.setUint32(offset + 16, ~0x12345678 >>> 0, true);
    expect(dissect(bytes).checksumsValid).toBe(true);
  });

  test("the engine's address is the one in the network of the leg", () => {
    const net = addressed({ i0: [], i1: ['10.9.0.1/24', '10.0.1.1/24'], i2: ['10.0.2.1/24'], i3: [] });
    const fw = routing({ outside: leg('i1', { mac: OUT, address: '10.0.1.7' }) });
    expect(frames(define([fw]), { kind: 'through' }, net)[0]!.read.ip!.source).toBe('10.0.1.1');
  });

  test('both legs on one NIC need two addresses there', () => {
    const fw = device('fw1', 'inline', leg('i1', { address: '10.0.1.7' }), {
      inside: leg('i1', { address: '10.0.2.7' }),
    });
    const two = addressed({ i0: [], i1: ['10.0.1.1/24', '10.0.2.1/24'], i2: [], i3: [] });
    expect(frames(define([fw]), { kind: 'through' }, two)[0]!.read.ip).toMatchObject({
      source: '10.0.1.1',
      destination: '10.0.2.1',
    });
    const one = addressed({ i0: [], i1: ['10.0.1.1/24'], i2: [], i3: [] });
    expect(why(define([fw]), { kind: 'through' }, one)).toMatch(/both legs are on i1.*in the network of fw1.inside/);
  });

  test.each([
    ['no address', addressed({ i0: [], i1: ['10.0.1.1/24'], i2: [], i3: [] }), routing(), /no address on i2 \(ip add/],
    ['NIC gone', addressed({ i0: [], i1: ['10.0.1.1/24'] }), routing(), /fw1.inside is on i2, which is not there/],
    [
      'MAC unknown',
      NETWORK,
      routing({ inside: learntLeg('i2', { address: '10.0.2.7' }) }),
      /fw1.inside has no MAC yet \(does 10.0.2.7 answer on i2/,
    ],
    ['one leg', NETWORK, device('fw1', 'inline', leg('i1')), /it has one leg/],
  ])('refused: %s', (_, net, fw, words) => {
    expect(why(define([fw]), { kind: 'through' }, net)).toMatch(words);
  });
});

describe('handshake', () => {
  const shop = (sequence = [through('web1')]): Partial<Definitions> => ({
    services: [service('shop', '198.51.100.10', 443, sequence)],
  });

  test('to the service address, at the MAC of a loopback server', () => {
    const [syn, ...others] = frames(define([server('loopback')], shop()), { kind: 'handshake', port: 443 });
    expect(others).toEqual([]);
    expect(syn).toMatchObject({
      ...{ kind: 'handshake', from: 'web1.only', ifindex: 13, offset: 34 },
      read: { to: WEB, from: '02:00:00:00:00:03', checksumsValid: true },
    });
    expect(syn!.read.ip).toMatchObject({
      ...{ source: '192.0.0.8', destination: '198.51.100.10', protocol: 6, tcpFlags: 2 },
      ...{ sourcePort: Limit.PROBE_PORT_BASE + syn!.id, destinationPort: 443 },
    });
    expect([word(syn!.bytes, 54), word(syn!.bytes, 56)]).toEqual([0x0204, 1460]);
  });

  test('to its own address where it is nat, whatever the service is', () => {
    const asked = { kind: 'handshake', port: 8443, address: '198.51.100.10' } as const;
    const [syn] = frames(define([server('nat')], shop([through('web1', { port: 8443 })])), asked);
    expect(syn!.read.ip).toMatchObject({ destination: '10.0.3.80', destinationPort: 8443 });
  });

  test('to an IPv6 address, with the segment that fits', () => {
    const asked = { kind: 'handshake', port: 443, address: '2001:db8::10' } as const;
    const [syn] = frames(define([server('loopback')]), asked);
    expect(syn!.read).toMatchObject({ checksumsValid: true, ip: { source: '100::8', destination: '2001:db8::10' } });
    expect(word(syn!.bytes, 14 + 40 + 22)).toBe(1440);
  });

  test('through an inline device, answered by the server behind it', () => {
    const definitions = define([routing(), server('loopback')], shop([through('fw1'), through('web1')]));
    const [syn] = frames(definitions, { kind: 'handshake', port: 443 });
    expect(syn).toMatchObject({ from: 'web1.only', ifindex: 11 });
    expect(syn!.read).toMatchObject({ to: OUT, ip: { destination: '198.51.100.10' } });
  });

  test('refused where no service says what to ask', () => {
    expect(why(define([server('loopback')], shop()), { kind: 'handshake', port: 80 })).toMatch(
      /no service with port 80 uses it \(handshake: \{port: 80, address/,
    );
  });
});

describe('frames of a file', () => {
  const mac = { to: '02:00:00:00:aa:01', from: '02:00:00:00:aa:02' };
  const question = ethernet(
    { ...mac, tags: [7] },
    ipv4({ source: '203.0.113.1', destination: '203.0.113.2' }, udp({ source: 5000, destination: 53 })),
  );
  const reply = ethernet(
    mac,
    ipv6({ source: '2001:db8::2', destination: '2001:db8::1' }, tcp({ source: 80, destination: 5 })),
  );
  const withFile = (...list: Uint8Array[]) => materials({ files: new Map([['/f.pcap', list]]) });

  test('get the MACs and tags of the leg; the way back is the second frame', () => {
    const asked = { kind: 'through', frames: '/f.pcap' } as const;
    const [forward, back] = frames(define([routing()]), asked, NETWORK, withFile(question, reply));
    expect(forward).toMatchObject({ kind: 'frame', offset: 0, from: 'fw1.inside' });
    expect(forward!.read).toMatchObject({ to: OUT, from: '02:00:00:00:00:01', tags: [], checksumsValid: true });
    expect(forward!.read.ip).toMatchObject({ source: '203.0.113.1', destinationPort: 53 });
    expect(back!.read).toMatchObject({ to: IN, ip: { source: '2001:db8::2' } });
  });

  test.each([
    ['UDP', question],
    ['TCP over IPv6', reply],
    ['ICMP', ethernet(mac, ipv4({ source: '203.0.113.1', destination: '203.0.113.2' }, icmp(8)))],
  ])('the way back is the first frame turned round where there is one: %s', (_, frame) => {
    const asked = { kind: 'through', frames: '/f.pcap' } as const;
    const [forward, back] = frames(define([routing()]), asked, NETWORK, withFile(frame));
    expect(back!.read.checksumsValid).toBe(true);
    expect(back!.read.ip).toMatchObject({
      source: forward!.read.ip!.destination,
      destination: forward!.read.ip!.source,
    });
    expect(back!.read.ip!.sourcePort).toBe(forward!.read.ip!.destinationPort);
  });

  test('of a negative probe all go in', () => {
    const asked = { kind: 'negative', frames: '/f.pcap' } as const;
    const all = frames(define([routing()]), asked, NETWORK, withFile(question, reply, question));
    expect(all.map(({ direction, ifindex }) => [direction, ifindex])).toEqual(Array(3).fill(['forward', 11]));
    expect(new Set(all.map(({ id }) => id)).size).toBe(3);
  });

  test.each([
    ['unread', materials({ files: new Map([['/f.pcap', 'no such file']]) }), NETWORK, '/f.pcap: no such file'],
    ['too many', withFile(...Array(17).fill(question)), NETWORK, '17 frames (at most 16)'],
    [
      'too large for the NIC',
      withFile(ethernet(mac, raw(0x0800, new Uint8Array(1400)))),
      addressed({ i0: [], i1: [], i2: [], i3: [] }, { mtu: 1300 }),
      '1400 bytes are more than i1 takes',
    ],
  ])('refused: %s', (_, given, net, words) => {
    expect(why(define([routing()]), { kind: 'negative', frames: '/f.pcap' }, net, given)).toContain(words);
  });
});

describe('numbers', () => {
  const all = (more: Partial<Definitions> = {}) => watched(define([routing(), server('nat')], more), NETWORK);
  const idsOf = (given: ReturnType<typeof materials>, questions: Parameters<typeof asking>[0]) =>
    composeProbes(asking(questions), all(), given).probes.map(({ frame }) => frame.id);
  const asked = { fw1: [{ kind: 'through' }], web1: [{ kind: 'handshake', port: 80 }] } as const;

  test('stay while the probe is, and rest before another gets them', () => {
    const ids = new FrameIds(100);
    expect(idsOf(materials({ ids }), asked)).toEqual([1, 2, 3]);
    expect(idsOf(materials({ ids }), asked)).toEqual([1, 2, 3]);
    expect(idsOf(materials({ ids, now: 5 }), { web1: asked.web1 })).toEqual([3]);
    expect(idsOf(materials({ ids, now: 6 }), asked)).toEqual([4, 5, 3]);
    const other = { web1: [...asked.web1, { kind: 'handshake', port: 81 }] } as const;
    expect(idsOf(materials({ ids, now: 60_004 }), { fw1: asked.fw1, ...other })).toEqual([4, 5, 3, 6]);
    const third = { web1: [...other.web1, { kind: 'handshake', port: 82 }] } as const;
    expect(idsOf(materials({ ids, now: 60_005 }), { fw1: asked.fw1, ...third })).toEqual([4, 5, 3, 6, 1]);
  });

  test('that are all taken are no crash', () => {
    const { probes, unsendable } = composeProbes(asking(asked), all(), materials({ ids: new FrameIds(2) }));
    expect(probes.length).toBe(2);
    expect(unsendable).toMatchObject([{ device: 'web1', why: expect.stringContaining('too many probes') }]);
  });
});

describe('composed again after a change of a service', () => {
  const QUESTIONS = { fw1: [{ kind: 'through' }], web1: [{ kind: 'handshake', port: 80 }] } as const;
  const shop = service('shop', '198.51.100.10', 80, [through('fw1'), through('web1')]);
  const mail = service('mail', '198.51.100.11', 80, [through('fw1'), through('web1')]);
  const begin = () => {
    const definitions = define([routing(), server('loopback')], { services: [shop, mail] });
    const force = watched(definitions, NETWORK);
    const [spec, given, last] = [asking(QUESTIONS), materials(), new LastComposed()];
    const compose = (watched = force, asked = spec) =>
      composeProbes(asked, watched, given, last).probes.map(({ frame }) => frame);
    const withServices = (...services: (typeof shop)[]) => {
      const model = { ...force.model, services: new Map(services.map((each) => [each.name, each])) };
      return { ...force, model };
    };
    return { force, spec, compose, withServices };
  };
  const asks = (frame: ReturnType<ReturnType<typeof begin>['compose']>[0]) => dissect(frame.bytes).ip!.destination;

  test('frames are the same objects while what they are made of is', () => {
    const { compose, withServices } = begin();
    const first = compose();
    expect(first.map(({ id }) => id)).toEqual([1, 2, 3]);
    const second = compose(withServices(shop, { ...mail, addresses: ['198.51.100.12'] }));
    for (const [i, frame] of second.entries()) expect(frame).toBe(first[i]);
  });

  test('a handshake asks for another service when its own is another, or gone', () => {
    const { compose, withServices } = begin();
    const first = compose();
    expect(asks(first[2]!)).toBe('198.51.100.10');
    const second = compose(withServices({ ...shop, addresses: ['198.51.100.20'] }, mail));
    expect(second.slice(0, 2)).toEqual(first.slice(0, 2));
    expect(second[0]).toBe(first[0]);
    expect(asks(second[2]!)).toBe('198.51.100.20');
    expect(asks(compose(withServices(mail))[2]!)).toBe('198.51.100.11');
  });

  test('an earlier service of the same server changes nothing', () => {
    const { compose, withServices } = begin();
    const [, , first] = compose(withServices(mail));
    expect(compose(withServices(shop, mail))[2]).toBe(first);
  });

  test('another MAC, NIC, device or question makes other frames', () => {
    const { force, spec, compose } = begin();
    const [first] = compose();
    const legs = force.fabric.legs.map((each) => (each.name === 'fw1.outside' ? { ...each, mac: WEB } : each));
    const [moved] = compose({ ...force, fabric: { ...force.fabric, legs } });
    expect(dissect(moved!.bytes).to).toBe(WEB);
    const [back] = compose({
      ...force,
      network: addressed({ i0: [], i1: ['10.0.1.9/24'], i2: ['10.0.2.1/24'], i3: [] }),
    });
    expect(back).not.toBe(first);
    expect(dissect(back!.bytes).ip!.source).toBe('10.0.1.9');
    const [other] = compose(force, {
      ...spec,
      devices: asking({ ...QUESTIONS, fw1: [{ kind: 'through', protocol: 'icmp' }] }).devices,
    });
    expect(dissect(other!.bytes).ip!.protocol).toBe(1);
  });

  test('what could not be sent is tried again', () => {
    const { force, compose } = begin();
    const legs = force.fabric.legs.map((each) => (each.name === 'fw1.outside' ? { ...each, mac: null } : each));
    const bare = { ...force, fabric: { ...force.fabric, legs } };
    expect(compose(bare).length).toBe(1);
    expect(compose(bare).length).toBe(1);
    expect(compose().length).toBe(3);
  });
});

test('1,000 devices both ways are composed, and again', () => {
  const devices = Array.from({ length: 1000 }, (_, i) =>
    device(`fw${i}`, 'inline', leg('i1'), { inside: leg('i2'), forwards: 'route' }),
  );
  const force = watched(define(devices), NETWORK);
  const spec = asking(Object.fromEntries(devices.map(({ name }) => [name, [{ kind: 'through' }]])));
  const given = materials({ ids: new FrameIds(4000) });
  for (let i = 0; i < 3; i++) expect(composeProbes(spec, force, given).probes.length).toBe(2000);
});
