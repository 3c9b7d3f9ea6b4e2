import { describe, expect, test } from 'vitest';
import { deviceToAskOn, fixedNeighbours, parseNeighbours } from '../../src/net/neighbours.ts';
import { type IpAddressRow, parseNics, parseVlanDevices } from '../../src/net/nics.ts';

/** As iproute2 6.1 prints them. */
const ROWS: IpAddressRow[] = [
  { ifname: 'lo', ifindex: 1, address: '00:00:00:00:00:00', mtu: 65536, flags: ['LOOPBACK', 'UP'] },
  {
    ifname: 'i2',
    ifindex: 3,
    address: '52:a3:00:c0:60:00',
    mtu: 1500,
    flags: ['BROADCAST', 'UP', 'LOWER_UP'],
    addr_info: [
      { family: 'inet', local: '10.0.2.1', prefixlen: 24, scope: 'global' },
      { family: 'inet6', local: 'fe80::1', prefixlen: 64, scope: 'link' },
      { family: 'inet', local: '127.0.0.9', prefixlen: 8, scope: 'host' },
    ],
  },
  {
    ifname: 'i2.100',
    ifindex: 4,
    link: 'i2',
    address: '52:a3:00:c0:60:00',
    mtu: 1500,
    flags: ['UP'],
    linkinfo: { info_kind: 'vlan', info_data: { id: 100 } },
  },
  { ifname: 'tun0', ifindex: 5, mtu: 1420, flags: ['UP'] },
];

describe('NICs', () => {
  const nics = parseNics(ROWS);

  test('loopback and what has no MAC are no NICs', () => {
    expect([...nics.keys()]).toEqual(['i2', 'i2.100']);
  });

  test('addresses keep their order and scope, host addresses are left out', () => {
    expect(nics.get('i2')).toEqual({
      name: 'i2',
      ifindex: 3,
      mac: '52:a3:00:c0:60:00',
      mtu: 1500,
      up: true,
      carrier: true,
      addresses: [
        { address: '10.0.2.1', prefix: 24, scope: 'global' },
        { address: 'fe80::1', prefix: 64, scope: 'link' },
      ],
    });
  });
});

describe('neighbours', () => {
  const vlans = parseVlanDevices(ROWS);
  const rows = [
    { dst: '10.0.2.5', dev: 'i2', lladdr: '02:00:00:00:00:05', state: ['REACHABLE'] },
    { dst: '10.0.2.6', dev: 'i2', lladdr: '02:00:00:00:00:06', state: ['STALE'] },
    { dst: '10.0.2.7', dev: 'i2', state: ['INCOMPLETE'] },
    { dst: '10.0.2.8', dev: 'i2', lladdr: '02:00:00:00:00:08', state: ['FAILED'] },
    { dst: '10.0.9.5', dev: 'i2.100', lladdr: '02:00:00:00:00:95', state: ['PERMANENT'] },
  ];

  test('a MAC counts while the kernel itself would send to it', () => {
    const known = parseNeighbours(rows, vlans);
    expect(Object.fromEntries(known)).toEqual({
      'i2 10.0.2.5': '02:00:00:00:00:05',
      'i2 10.0.2.6': '02:00:00:00:00:06',
      'i2 10.0.9.5': '02:00:00:00:00:95',
    });
  });

  test.each([
    ['an untagged neighbour is asked for on the NIC itself', [], 'i2'],
    ['a tagged one on the VLAN device', [100], 'i2.100'],
    ['one on a VLAN the kernel does not have nowhere', [200], undefined],
    ['one behind two tags nowhere', [100, 200], undefined],
  ])('%s', (_, tags, device) => {
    expect(deviceToAskOn({ nic: 'i2', vlans: tags, address: '10.0.9.5' }, vlans)).toBe(device);
  });
});

test('a neighbour written by hand is left alone, others may be asked for', () => {
  const row = (dst: string, state: string) => ({ dst, dev: 'i1', lladdr: '02:00:00:00:00:01', state: [state] });
  const rows = [row('10.0.1.1', 'PERMANENT'), row('10.0.1.2', 'REACHABLE'), row('10.0.1.3', 'NOARP')];
  expect([...fixedNeighbours(rows)]).toEqual(['i1 10.0.1.1']);
});
