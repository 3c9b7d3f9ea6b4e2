import { expect, test } from 'vitest';
import { turnedRound } from '../../../src/health/frames/given.ts';
import { dissect, ethernet, ipv4, ipv6, tcp } from '../../packets/frame.ts';

const LINK = { to: '02:00:00:00:00:01', from: '02:00:00:00:00:02' };
const PORTS = tcp({ source: 40_000, destination: 80, flags: 2 });

test.each([
  ['IPv4', ethernet(LINK, ipv4({ source: '10.0.1.2', destination: '10.0.2.2' }, PORTS)), '10.0.1.2', '10.0.2.2'],
  ['IPv6', ethernet(LINK, ipv6({ source: 'fd01::2', destination: 'fd02::2' }, PORTS)), 'fd01::2', 'fd02::2'],
])('a frame of %s as it is read from a file is turned round, and stays as it was', (_, frame, source, destination) => {
  // Buffers share their memory where other arrays copy it.
  const read = Buffer.from(frame);
  const { ip, checksumsValid } = dissect(Uint8Array.from(turnedRound(read)));
  expect(ip).toMatchObject({ source: destination, destination: source, sourcePort: 80, destinationPort: 40_000 });
  expect(checksumsValid).toBe(true);
  expect(Uint8Array.from(read)).toEqual(frame);
});
