import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { readPcap } from '../../../src/health/frames/pcap.ts';
import { type PcapFields, pcapOf } from './stage.ts';

const FRAME = Uint8Array.from({ length: 60 }, (_, i) => i);

const pcap = (fields: PcapFields = {}): Uint8Array => pcapOf([FRAME], fields);

describe('a capture file is read', () => {
  test.each([
    ['little end first, microseconds', pcap()],
    ['big end first', pcap({ little: false })],
    ['nanoseconds', pcap({ magic: 0xa1b23c4d })],
    ['nanoseconds, big end first', pcap({ magic: 0xa1b23c4d, little: false })],
    ['out of the middle of other bytes', new Uint8Array([9, ...pcap()]).subarray(1)],
  ])('%s', (_, file) => {
    expect(readPcap(file)).toEqual([FRAME]);
  });

  test('frames are in order, and without the checksum where they have one', () => {
    const frames = [FRAME, FRAME.slice(0, 20)];
    expect(readPcap(pcap({ frames }))).toEqual(frames);
    expect(readPcap(pcap({ link: 0x24000001 }))).toEqual([FRAME.slice(0, 56)]);
  });
});

test.each([
  ['empty', new Uint8Array(0), 'not a capture file (write one: tcpdump -w FILE)'],
  ['a text', new TextEncoder().encode('interfaces:\n  i0: {}\n  i1: {}'), 'not a capture file'],
  ['pcapng', Uint8Array.from([0x0a, 0x0d, 0x0d, 0x0a, ...new Uint8Array(24)]), 'editcap -F pcap'],
  ['another link', pcap({ link: 113 }), 'link type 113 (capture on an Ethernet NIC, not on "any")'],
  ['no frames', pcap({ frames: [] }), 'no frame in it'],
  ['cut off in a frame', pcap().slice(0, -1), 'frame 1 is cut off'],
  ['cut off in a header', pcap({ frames: [FRAME, FRAME] }).slice(0, 24 + 16 + 60 + 8), 'frame 2 is cut off'],
  ['snapped', pcap({ original: 200 }), '60 of 200 bytes were captured'],
  ['too long', pcap({ frames: [new Uint8Array(1519)] }), 'has 1519 bytes (at most 1518)'],
  ['too short', pcap({ frames: [new Uint8Array(13)] }), 'too few for Ethernet'],
])('refused: %s', (_, file, words) => {
  expect(() => readPcap(file)).toThrow(words);
});

test('what tcpdump makes of it is what was put in', () => {
  const text = execFileSync('tcpdump', ['-nnr', '-', '-e'], { input: pcap(), encoding: 'utf8', stdio: 'pipe' });
  expect(text).toMatch(/06:07:08:09:0a:0b > 00:01:02:03:04:05/);
});
