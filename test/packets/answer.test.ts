import { describe } from 'vitest';
import {
  arp,
  dissect,
  ethernet,
  fragment,
  icmp,
  icmp6,
  ipv4,
  ipv6,
  neighbourAdvertisement,
  neighbourSolicitation,
  quote,
  type Segment,
  tcp,
} from './frame.ts';
import { testPackets } from './rows.ts';
import { ENGINE } from './tables.ts';
import { CLIENT, FIREWALL, fromEngine, ip, LEG, request, SERVER, toEngine, U, U6, W, W6, WN, world } from './world.ts';

const everybody = { to: 'ff:ff:ff:ff:ff:ff' };
const ask = { operation: 1, senderMac: CLIENT, sender: U, target: W } as const;
const tell = { operation: 2, senderMac: ENGINE, sender: W, targetMac: CLIENT, target: U } as const;

describe('ARP', () => {
  const answered = { reason: 'ANSWERED_ARP', trace: { origin: 0, slot: 0, ifindex: 1 } } as const;
  const passed = { reason: 'PASSED_MULTICAST' } as const;
  testPackets(world, [
    {
      name: 'a broadcast request is answered',
      in: toEngine(arp(ask), everybody),
      ...answered,
      out: fromEngine(CLIENT, arp(tell)),
    },
    {
      name: 'padding stays',
      in: toEngine(arp(ask), { ...everybody, padding: 18 }),
      ...answered,
      out: fromEngine(CLIENT, arp(tell), { padding: 18 }),
    },
    { name: 'a unicast request is answered', in: toEngine(arp(ask)), ...answered, out: fromEngine(CLIENT, arp(tell)) },
    {
      name: 'a device of the segment is answered',
      in: toEngine(arp({ ...ask, senderMac: FIREWALL }), { from: FIREWALL }),
      ...answered,
      out: fromEngine(FIREWALL, arp({ ...tell, targetMac: FIREWALL })),
    },
    {
      name: 'tags are kept',
      in: toEngine(arp(ask), { ...everybody, tags: [{ id: 100, priority: 3 }] }),
      ...answered,
      out: fromEngine(CLIENT, arp(tell), { tags: [{ id: 100, priority: 3 }] }),
    },
    {
      name: 'each segment has its own addresses',
      in: toEngine(arp({ ...ask, target: WN }), { ...everybody, tags: [100, 200] }),
      ...answered,
      out: fromEngine(CLIENT, arp({ ...tell, sender: WN }), { tags: [100, 200] }),
    },
    {
      name: 'a group that asks is not answered',
      in: toEngine(arp(ask), { ...everybody, from: '01:00:5e:00:00:01' }),
      reason: 'DROP_MALFORMED',
    },
    { name: "another address is the kernel's", in: toEngine(arp({ ...ask, target: WN }), everybody), ...passed },
    {
      name: 'an address probe is answered',
      in: toEngine(arp({ ...ask, sender: '0.0.0.0' }), everybody),
      ...answered,
      out: fromEngine(CLIENT, arp({ ...tell, target: '0.0.0.0' })),
    },
    { name: 'an announcement is passed', in: toEngine(arp({ ...ask, sender: W }), everybody), ...passed },
    { name: 'a reply is passed', in: toEngine(arp({ ...ask, operation: 2 })), reason: 'PASSED_NOT_IP' },
    { name: 'a request to another MAC is passed', in: toEngine(arp(ask), { to: SERVER }), reason: 'PASSED_NOT_IP' },
    { name: 'a short request is passed', in: toEngine(arp(ask), everybody).slice(0, 41), ...passed },
    { name: 'an unknown tag has no segment', in: toEngine(arp(ask), { ...everybody, tags: [5] }), ...passed },
  ]);
});

describe('neighbour discovery', () => {
  const answered = { reason: 'ANSWERED_ND', trace: { origin: 0, slot: 0, ifindex: 1 } } as const;
  const group = { to: '33:33:ff:00:00:10' };
  const solicit = (more: object = {}, segment: Segment = neighbourSolicitation(W6, CLIENT), source = U6) =>
    ipv6({ source, destination: 'ff02::1:ff00:10', hopLimit: 255, ...more }, segment);
  const advertise = (destination = U6, flags = 3) =>
    ipv6({ source: W6, destination, hopLimit: 255 }, neighbourAdvertisement(W6, ENGINE, flags));
  testPackets(world, [
    {
      name: 'a solicitation is answered',
      in: toEngine(solicit(), group),
      ...answered,
      out: fromEngine(CLIENT, advertise()),
    },
    {
      name: 'without option too: the frame grows',
      in: toEngine(solicit({}, neighbourSolicitation(W6)), group),
      ...answered,
      out: fromEngine(CLIENT, advertise()),
    },
    {
      name: 'padding is cut',
      in: toEngine(solicit(), { ...group, padding: 9 }),
      ...answered,
      out: fromEngine(CLIENT, advertise()),
    },
    {
      name: 'tags are kept',
      in: toEngine(solicit(), { ...group, tags: [100] }),
      ...answered,
      out: fromEngine(CLIENT, advertise(), { tags: [100] }),
    },
    {
      name: 'a unicast solicitation is answered',
      in: toEngine(solicit({ destination: W6 })),
      ...answered,
      out: fromEngine(CLIENT, advertise()),
    },
    {
      name: 'address detection is answered to everybody',
      in: toEngine(solicit({}, neighbourSolicitation(W6), '::'), group),
      ...answered,
      out: fromEngine('33:33:00:00:00:01', advertise('ff02::1', 1)),
    },
    {
      name: 'another hop limit is passed',
      in: toEngine(solicit({ hopLimit: 254 }), group),
      reason: 'PASSED_MULTICAST',
    },
    {
      name: 'another address is passed',
      in: toEngine(solicit({}, neighbourSolicitation('2001:db8::99', CLIENT)), group),
      reason: 'PASSED_MULTICAST',
    },
    {
      name: 'a group that asks is not answered',
      in: toEngine(solicit(), { ...group, from: '33:33:00:00:00:01' }),
      reason: 'DROP_MALFORMED',
    },
    { name: 'one cut off is passed', in: toEngine(solicit(), group).slice(0, 70), reason: 'PASSED_MULTICAST' },
    {
      name: 'an advertisement is passed',
      in: toEngine(advertise(), { to: '33:33:00:00:00:01' }),
      reason: 'PASSED_MULTICAST',
    },
    {
      name: 'a unicast one for another address goes on as any packet',
      in: toEngine(solicit({ destination: '2001:db8:9::1' }, neighbourSolicitation('2001:db8:9::1', CLIENT))),
      reason: 'PASSED_LOCAL',
    },
  ]);
});

describe('too big', () => {
  const answered = { reason: 'ANSWERED_TOO_BIG' } as const;
  const segment = (port: number, length: number) => tcp({ source: 5000, destination: port }, Buffer.alloc(length, 7));
  const big = (port: number, length: number, more: object = { dontFragment: true }) =>
    ipv4({ source: U, destination: W, ...more }, segment(port, length - 40));
  const big6 = (port: number, length: number) => ip(U6, W6, segment(port, length - 60));
  const told = (quoted: Uint8Array, mtu: number) => ipv4({ source: W, destination: U, id: 0 }, icmp(3, 4, quoted, mtu));
  const told6 = (quoted: Uint8Array, mtu: number) => ip(W6, U6, icmp6(2, 0, quoted, mtu));
  testPackets(world, [
    {
      name: 'as large as the MTU fits',
      in: toEngine(big(446, 600)),
      reason: 'FORWARDED',
      out: fromEngine(FIREWALL, big(446, 600)),
    },
    {
      name: 'a byte more is told to the sender, IPv4',
      in: toEngine(big(446, 601)),
      ...answered,
      out: fromEngine(CLIENT, told(quote(big(446, 601), 548), 600)),
      trace: { origin: LEG.segment, target: LEG.small, ifindex: 1 },
    },
    {
      name: 'tags are kept',
      in: toEngine(big(446, 601), { tags: [100] }),
      ...answered,
      out: fromEngine(CLIENT, told(quote(big(446, 601), 548), 600), { tags: [100] }),
    },
    {
      name: 'padding counts, and is not quoted',
      in: toEngine(big(446, 500), { padding: 101 }),
      ...answered,
      out: fromEngine(CLIENT, told(quote(big(446, 500)), 600)),
    },
    {
      name: 'two tags take 4 bytes of the MTU: fits',
      in: toEngine(big(447, 600)),
      reason: 'FORWARDED',
      out: fromEngine(FIREWALL, big(447, 600), { tags: [30, 31] }),
    },
    {
      name: 'two tags take 4 bytes of the MTU: too big',
      in: toEngine(big(447, 601)),
      ...answered,
      out: fromEngine(CLIENT, told(quote(big(447, 601), 548), 600)),
    },
    {
      name: 'IPv6 is told',
      in: toEngine(big6(446, 1400)),
      ...answered,
      out: fromEngine(CLIENT, told6(quote(big6(446, 1400), 1232), 600)),
    },
    {
      name: 'an odd number of bytes',
      in: toEngine(big6(446, 1101)),
      ...answered,
      out: fromEngine(CLIENT, told6(quote(big6(446, 1101)), 600)),
    },
    {
      name: 'a group is told nothing',
      in: toEngine(big(446, 601), { from: '03:00:00:00:00:01' }),
      reason: 'DROP_MALFORMED',
    },
    { name: 'without DF it is dropped', in: toEngine(big(446, 601, {})), reason: 'DROP_TOO_BIG' },
    { name: 'with labels it is dropped', in: toEngine(big(446, 601), { labels: [5] }), reason: 'DROP_TOO_BIG' },
    {
      name: 'an ICMP error is dropped',
      in: toEngine(
        ipv4(
          { source: U, destination: W, dontFragment: true },
          icmp(
            3,
            4,
            quote(ipv4({ source: W, destination: U }, tcp({ source: 446, destination: 5000 }, Buffer.alloc(600)))),
          ),
        ),
      ),
      reason: 'DROP_TOO_BIG',
    },
    {
      name: 'a later fragment is dropped',
      before: [
        toEngine(
          ipv4(
            { source: U, destination: W, moreFragments: true, dontFragment: true },
            fragment(segment(446, 1000), { source: U, destination: W }, 0, 80),
          ),
        ),
      ],
      in: toEngine(
        ipv4(
          { source: U, destination: W, fragmentOffset: 80, dontFragment: true },
          fragment(segment(446, 1000), { source: U, destination: W }, 80),
        ),
      ),
      reason: 'DROP_TOO_BIG',
    },
  ]);
});

describe('frames of other interfaces', () => {
  const frame = ethernet({ to: ENGINE, from: CLIENT }, request(W, 443));
  testPackets({ ...world, mac: '02:00:00:00:00:77' }, [
    { name: `the MAC of the entry decides, not ${dissect(frame).to}`, in: frame, reason: 'PASSED_NOT_FOR_US' },
  ]);
});
