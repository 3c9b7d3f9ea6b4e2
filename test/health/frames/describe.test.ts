import { expect, test } from 'vitest';
import { describeFrame } from '../../../src/health/frames/describe.ts';
import { markedFrame } from '../../../src/health/frames/mark.ts';
import { markedPacket } from '../../../src/health/frames/marked-packet.ts';
import { synFrame } from '../../../src/health/frames/syn.ts';
import { parseAddress } from '../../../src/terms/address.ts';

const link = { to: '02:00:00:00:00:01', from: '02:00:00:00:00:02', vlans: [7, 0] as const };
const ends = (source: string, destination: string) => ({
  source: parseAddress(source)!,
  destination: parseAddress(destination)!,
});
const IPV4 = ends('10.0.1.2', '10.0.2.2');
const IPV6 = ends('fd00:1::2', 'fd00:2::2');
const packet = (by: 'udp' | 'icmp', both: typeof IPV4) =>
  markedPacket({ link, ends: both, by, cookie: 1, id: 2 }).bytes;

test.each([
  [
    'UDP',
    packet('udp', IPV4),
    'UDP 10.0.1.2:33461 > 10.0.2.2:33461',
    'nft insert rule inet filter forward ip saddr 10.0.1.2 ip daddr 10.0.2.2 udp sport 33461 udp dport 33461 accept',
    'iptables -I FORWARD -s 10.0.1.2 -d 10.0.2.2 -p udp --sport 33461 --dport 33461 -j ACCEPT',
  ],
  [
    'UDP of IPv6',
    packet('udp', IPV6),
    'UDP [fd00:1::2]:33461 > [fd00:2::2]:33461',
    'nft insert rule inet filter forward ip6 saddr fd00:1::2 ip6 daddr fd00:2::2 udp sport 33461 udp dport 33461 accept',
    'ip6tables -I FORWARD -s fd00:1::2 -d fd00:2::2 -p udp --sport 33461 --dport 33461 -j ACCEPT',
  ],
  [
    'ICMP',
    packet('icmp', IPV4),
    'ICMP echo request 10.0.1.2 > 10.0.2.2',
    'nft insert rule inet filter forward ip saddr 10.0.1.2 ip daddr 10.0.2.2 icmp type echo-request accept',
    'iptables -I FORWARD -s 10.0.1.2 -d 10.0.2.2 -p icmp --icmp-type echo-request -j ACCEPT',
  ],
  [
    'ICMPv6',
    packet('icmp', IPV6),
    'ICMPv6 echo request fd00:1::2 > fd00:2::2',
    'nft insert rule inet filter forward ip6 saddr fd00:1::2 ip6 daddr fd00:2::2 icmpv6 type echo-request accept',
    'ip6tables -I FORWARD -s fd00:1::2 -d fd00:2::2 -p icmpv6 --icmpv6-type echo-request -j ACCEPT',
  ],
  [
    'a frame of a bridge',
    markedFrame(link, 1, 2).bytes,
    'EtherType 0x88b5 02:00:00:00:00:02 > 02:00:00:00:00:01',
    'nft insert rule bridge filter forward ether type 0x88b5 accept',
    'ebtables -I FORWARD -p 0x88b5 -j ACCEPT',
  ],
])('%s', (_, bytes, words, ...rules) => {
  expect(describeFrame(bytes, false)).toEqual({ words, rules });
});

test('a handshake at a server', () => {
  const { bytes } = synFrame({ link, ends: ends('192.0.0.8', '198.51.100.10'), port: 80, id: 5, mtu: 1500 });
  expect(describeFrame(bytes, true)).toEqual({
    words: expect.stringMatching(/^TCP SYN 192\.0\.0\.8:\d+ > 198\.51\.100\.10:80$/),
    rules: [
      'nft insert rule inet filter input ip saddr 192.0.0.8 ip daddr 198.51.100.10 tcp dport 80 accept',
      'iptables -I INPUT -s 192.0.0.8 -d 198.51.100.10 -p tcp --dport 80 -j ACCEPT',
    ],
  });
});
