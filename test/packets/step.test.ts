import { describe, expect, test } from 'vitest';
import { icmp, ipv4, segment, tcp, udp } from './frame.ts';
import { TestProgram } from './program.ts';
import { testPackets } from './rows.ts';
import {
  BRIDGE,
  CLIENT,
  FIREWALL,
  fromEngine,
  ip,
  LEG,
  request,
  S,
  SERVER,
  STRANGER,
  toEngine,
  U,
  U6,
  W,
  W6,
  WN,
  world,
} from './world.ts';

const reply = ip(W, U, tcp({ source: 443, destination: 5000 }));
const forwarded = { reason: 'FORWARDED' } as const;

describe('origin', () => {
  testPackets(world, [
    {
      name: 'a reply from its own leg goes on',
      in: toEngine(reply, { from: FIREWALL }),
      ...forwarded,
      out: fromEngine(CLIENT, reply),
      trace: { origin: LEG.firewall, direction: 2, exactness: 0, target: LEG.segment, ifindex: 1 },
    },
    {
      name: 'the same reply from another leg is refused',
      in: toEngine(reply, { from: SERVER }),
      reason: 'DROP_WRONG_ORIGIN',
    },
    {
      name: 'a service address as source from clients is refused',
      in: toEngine(reply),
      reason: 'DROP_WRONG_ORIGIN',
      trace: { origin: LEG.segment, slot: 0 },
    },
    {
      name: "a device's address as source from clients is refused",
      in: toEngine(ip(S, U, tcp({ source: 8443, destination: 5000 }))),
      reason: 'DROP_WRONG_ORIGIN',
    },
    {
      name: 'a leg of the table is found by its tag and MAC',
      in: toEngine(ip(S, U, udp({ source: 53, destination: 5000 })), { from: FIREWALL, tags: [7] }),
      ...forwarded,
      out: fromEngine(CLIENT, ip(WN, U, udp({ source: 53, destination: 5000 }))),
      trace: { origin: LEG.nat },
    },
    {
      name: 'an unknown MAC on a tagged segment is that segment',
      in: toEngine(request(W, 443), { tags: [100], from: STRANGER }),
      ...forwarded,
      out: fromEngine(FIREWALL, request(W, 443)),
      trace: { origin: LEG.segment },
    },
    {
      name: 'two tags are another segment than the outer one',
      in: toEngine(request(W, 443), { tags: [100, 200] }),
      reason: 'DROP_UNDEFINED_PORT',
      trace: { origin: 20 },
    },
    {
      name: 'an unknown tag is nobody',
      in: toEngine(request(W, 443), { tags: [101] }),
      reason: 'DROP_UNDEFINED_PORT',
      trace: { origin: 0 },
    },
    {
      name: 'a priority tag is no tag',
      in: toEngine(request(W, 443), { tags: [{ id: 0, priority: 5 }] }),
      ...forwarded,
      out: fromEngine(FIREWALL, request(W, 443)),
    },
    {
      name: "a bridging device's frames carry the MAC written towards its other side",
      in: toEngine(request(W, 443), { from: BRIDGE, to: '02:00:00:00:0a:0a' }),
      reason: 'DROP_UNDEFINED_PORT',
      trace: { origin: LEG.tagged },
    },
    {
      name: 'that MAC is not for us from others',
      in: toEngine(request(W, 443), { from: FIREWALL, to: '02:00:00:00:0a:0a' }),
      reason: 'PASSED_NOT_FOR_US',
    },
  ]);
});

describe('step', () => {
  const outward = ip(U, '203.0.113.25', tcp({ source: 5000, destination: 25 }));
  const inward = ip('203.0.113.25', U, tcp({ source: 25, destination: 5000 }));
  testPackets(world, [
    {
      name: 'the first port of a range',
      in: toEngine(request(W, 1024)),
      ...forwarded,
      out: fromEngine(FIREWALL, request(W, 1024)),
      trace: { exactness: 1 },
    },
    {
      name: 'the last port of a range',
      in: toEngine(request(W, 2047)),
      ...forwarded,
      out: fromEngine(FIREWALL, request(W, 2047)),
    },
    { name: 'the port behind a range', in: toEngine(request(W, 2048)), reason: 'DROP_UNDEFINED_PORT' },
    { name: 'port 0 is no port', in: toEngine(request(W, 0)), reason: 'DROP_UNDEFINED_PORT' },
    {
      name: 'a protocol without ports',
      in: toEngine(ip(U, W, segment(132, new Uint8Array(20)))),
      ...forwarded,
      out: fromEngine(SERVER, ip(U, S, segment(132, new Uint8Array(20)))),
      trace: { exactness: 2 },
    },
    {
      name: 'another protocol of a service address',
      in: toEngine(ip(U, W, udp({ source: 1, destination: 443 }))),
      reason: 'DROP_UNDEFINED_PORT',
    },
    { name: 'a ping to a service without ICMP', in: toEngine(ip(U, W, icmp(8))), reason: 'DROP_UNDEFINED_PORT' },
    { name: 'strangers', in: toEngine(request('203.0.113.9', 443)), reason: 'PASSED_NO_SERVICE' },
    {
      name: "the interface's own address",
      in: toEngine(request('192.0.2.1', 443)),
      reason: 'PASSED_LOCAL',
      trace: { slot: 0 },
    },
    { name: "the interface's own IPv6 address", in: toEngine(request('2001:db8:9::1', 443)), reason: 'PASSED_LOCAL' },
    { name: 'its link-local address', in: toEngine(request('fe80::1', 443)), reason: 'PASSED_LOCAL' },
    { name: 'an own address elsewhere', in: toEngine(request('10.0.9.9', 22)), reason: 'PASSED_LOCAL' },
    {
      name: 'outward by source address and destination port',
      in: toEngine(outward),
      ...forwarded,
      out: fromEngine(FIREWALL, outward, { from: '02:00:00:00:0a:0a', tags: [30] }),
      trace: { direction: 3 },
    },
    {
      name: 'and back by destination address and source port',
      in: toEngine(inward, { from: FIREWALL }),
      ...forwarded,
      out: fromEngine(CLIENT, inward),
      trace: { direction: 4 },
    },
  ]);
});

describe('lookups', () => {
  testPackets({ ...world, segmentLookups: 0b10 }, [
    {
      name: 'only what the origin can hit is asked',
      in: toEngine(request(W, 443)),
      reason: 'DROP_UNDEFINED_PORT',
      trace: { origin: LEG.segment },
    },
  ]);
  testPackets({ ...world, segment: 0, segmentLookups: 0xfff }, [
    { name: 'no segment, nobody', in: toEngine(request(W, 443)), reason: 'DROP_UNDEFINED_PORT', trace: { origin: 0 } },
  ]);
});

describe('member', () => {
  testPackets(world, [
    {
      name: 'a pool leads to its outside leg',
      in: toEngine(request(W, 449)),
      ...forwarded,
      out: fromEngine(FIREWALL, request(W, 449)),
      trace: { target: LEG.firewall },
    },
    {
      name: 'or to its inside leg',
      in: toEngine(request(W, 451)),
      ...forwarded,
      out: fromEngine(SERVER, request(S, 451)),
      trace: { target: LEG.nat },
    },
    { name: 'a pool without member', in: toEngine(request(W, 450)), reason: 'DROP_NO_MEMBER', trace: { target: 0 } },
    {
      name: 'a leg without MAC',
      in: toEngine(request(W, 448)),
      reason: 'DROP_LEG_UNRESOLVED',
      trace: { target: LEG.unresolved },
    },
    { name: 'no route', in: toEngine(request(W, 452)), reason: 'DROP_NO_ROUTE' },
  ]);
});

describe('counters', () => {
  const frame = toEngine(request(W, 443), { padding: 3 });
  const once = { packets: 1n, bytes: BigInt(frame.length) };
  const none = { packets: 0n, bytes: 0n };
  testPackets(world, [
    {
      name: 'a forwarded frame counts once, by its length as received',
      in: frame,
      ...forwarded,
      out: fromEngine(FIREWALL, request(W, 443), { padding: 3 }),
      check: (program, { trace }) => {
        expect(program.counted('slots', trace.slot)).toEqual(once);
        expect(program.counted('legs', LEG.firewall)).toEqual(once);
        expect(program.verdicts('FORWARDED')).toBe(1n);
      },
    },
    {
      name: 'a dropped one counts its verdict only',
      in: toEngine(request(W, 448)),
      reason: 'DROP_LEG_UNRESOLVED',
      check: (program, { trace }) => {
        expect(program.counted('slots', trace.slot)).toEqual(none);
        expect(program.counted('legs', LEG.unresolved)).toEqual(none);
      },
    },
  ]);
});

describe('redirect', () => {
  testPackets({ ...world, legs: { ...world.legs, [LEG.firewall]: { mac: FIREWALL, transmit: 200 } } }, [
    {
      name: 'the kernel refuses a place without device',
      in: toEngine(request(W, 443)),
      reason: 'DROP_REDIRECT_FAILED',
      out: fromEngine(FIREWALL, request(W, 443)),
      check: (program) => expect(program.counted('slots', 1).packets).toBe(0n),
    },
  ]);
});

describe('copies', () => {
  testPackets(world, [
    {
      name: 'a group gets the frame as the service has it, marked',
      in: toEngine(request(W, 453)),
      reason: 'COPIED',
      trace: { copyset: 7, target: LEG.firewall },
      out: toEngine(request(W, 453), { to: '1c:00:00:00:01:00', from: '01:00:01:00:00:00' }),
      check: (program) => expect(program.counted('legs', LEG.firewall).packets).toBe(1n),
    },
    {
      name: 'no group: the original alone',
      in: toEngine(request(W, 454)),
      reason: 'FORWARDED',
      trace: { copyset: 0 },
      out: fromEngine(FIREWALL, request(W, 454), { from: '02:00:00:00:0a:0a', tags: [30] }),
    },
  ]);
});

describe('addresses of both versions', () => {
  testPackets(world, [
    {
      name: 'IPv6 undefined port',
      in: toEngine(ip(U6, W6, tcp({ source: 1, destination: 1 }))),
      reason: 'DROP_UNDEFINED_PORT',
    },
    {
      name: 'an IPv4 packet to 0.0.0.0 belongs to nobody',
      in: toEngine(ipv4({ source: U, destination: '0.0.0.0' }, tcp({ source: 1, destination: 1 }))),
      reason: 'PASSED_NO_SERVICE',
    },
  ]);
});

test('a NIC that is not ours is passed, uncounted', () => {
  const program = new TestProgram();
  program.fill({ ...world, ifindex: 7 });
  const outcome = program.run(toEngine(request(W, 443)));
  expect({ action: outcome.action, reason: outcome.reason }).toEqual({ action: 'pass', reason: 'REASON_NONE' });
  expect(new BigUint64Array(program.object.map('verdicts').mmap()).every((count) => count === 0n)).toBe(true);
  program.close();
});
