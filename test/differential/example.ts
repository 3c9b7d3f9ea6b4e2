/** A service of TABLES' figures 5H and 8 in one: firewall, copy to an IDS, NAT server with another port; and the ways beside it. */
import type { Device, Interface, Leg, Model } from '../../src/model/types.ts';
import type { NetworkState } from '../../src/plan/network.ts';

export const MACS = {
  router: '02:00:00:00:0a:01',
  fw0: '02:00:00:00:01:01',
  fw1: '02:00:00:00:01:02',
  ids: '02:00:00:00:03:01',
  server: '02:00:00:00:05:01',
  e: [0, 1, 2, 3].map((nic) => `02:00:00:00:ee:0${nic}`),
} as const;

/** Client, service and real server. */
export const U1 = '192.0.2.7';
export const W1 = '198.51.100.10';
export const S1 = '10.0.3.11';
export const W6 = '2001:db8:100::10';
export const U6 = '2001:db8::7';

export const NETWORK: NetworkState = {
  nics: new Map(
    [1500, 1500, 1500, 1300].map((mtu, place) => {
      const address = { address: `10.0.${place}.1`, prefix: 24, scope: 'global' } as const;
      const nic = {
        name: `n${place}`,
        ifindex: 10 + place,
        mac: MACS.e[place] ?? '',
        mtu,
        up: true,
        addresses: [address],
      };
      return [nic.name, nic];
    }),
  ),
  neighbours: new Map(),
};

const segment = (name: string, nic: string, clients: boolean): Interface => ({
  name,
  nic,
  vlans: [],
  clients,
  devices: true,
  gateways: clients
    ? [
        { address: '192.0.2.1', mac: MACS.router },
        { address: '2001:db8::1', mac: MACS.router },
      ]
    : [],
});

const device = (
  name: string,
  kind: Device['kind'],
  legs: readonly Leg[],
  more: Partial<Device> = {},
): [string, Device] => {
  const [outside, inside] = legs as [Leg, Leg?];
  const oneLegged = inside === undefined;
  return [
    name,
    { name, kind, forwards: 'route', outside, inside: inside ?? outside, oneLegged, answeredBy: [], ...more },
  ];
};

const leg = (number: number, mac: string, vlans: readonly number[] = []): Leg => ({
  interface: `i${number}`,
  vlans,
  mac,
});

/** W1:20/tcp as in figure 8 with NAT (20 -> 2020), W1:53/udp and W6:443/tcp to a loopback server behind two tags. */
export const MODEL: Model = {
  interfaces: new Map([0, 1, 2, 3].map((place) => [`i${place}`, segment(`i${place}`, `n${place}`, place === 0)])),
  devices: new Map([
    device('fw', 'inline', [leg(1, MACS.fw0), leg(2, MACS.fw1)], { function: 'firewall' }),
    device('ids', 'tap', [leg(1, MACS.ids, [7])]),
    device('app', 'server', [leg(3, MACS.server)], { mode: 'nat', address: S1 }),
    device('loop', 'server', [leg(3, MACS.server, [100, 200])], { mode: 'loopback' }),
  ]),
  pools: new Map(),
  services: new Map(
    (
      [
        ['shop', 'tcp', 20, [W1], ['fw', '+ids', 'app:2020']],
        ['dns', 'udp', 53, [W1], ['app']],
        ['six', 'tcp', 443, [W6], ['loop']],
      ] as const
    ).map(([name, protocol, port, addresses, sequence]) => [
      name,
      {
        name,
        addresses,
        protocol,
        ports: [{ from: port, to: port }],
        outward: false,
        from: [{ kind: 'interface', name: 'i0' }],
        sequence: sequence.map((text) => {
          const [target = '', translated] = text.split(':');
          return text.startsWith('+')
            ? { kind: 'copy', to: [target.slice(1)], answers: 'server' }
            : {
                kind: 'through',
                target,
                isPool: false,
                ...(translated === undefined ? {} : { port: Number(translated) }),
              };
        }),
      },
    ]),
  ),
};
