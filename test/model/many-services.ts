/**
 * A definition file of many services, as the scale tests and `make bench` use it: each has an address and port of its
 * own and three steps: the pool of two firewalls, an inline device, one of a hundred servers. All are well as soon as
 * NICs i0 to i3 are there.
 */
export function manyServices(count: number): string {
  return [HEAD, servers(), POOLS, 'services:', ...services(count), ''].join('\n');
}

const SERVERS = 100;
const PORTS_OF_AN_ADDRESS = 10;

const HEAD = `interfaces:
  i0: {faces: clients, gateway: 192.0.2.1, gateway_mac: "02:00:00:00:05:01"}
  i1: {}
  i2: {}
  i3: {}

devices:
  fw1: {kind: inline, function: firewall, legs: {outside: {interface: i1, mac: "02:00:00:00:01:01"}, inside: {interface: i2, mac: "02:00:00:00:01:02"}}}
  fw2: {kind: inline, function: firewall, legs: {outside: {interface: i1, mac: "02:00:00:00:02:01"}, inside: {interface: i2, mac: "02:00:00:00:02:02"}}}
  ips1: {kind: inline, function: ips, legs: {outside: {interface: i2, mac: "02:00:00:00:03:01"}, inside: {interface: i3, mac: "02:00:00:00:03:02"}}}`;

const POOLS = `
pools:
  firewalls: {members: [fw1, fw2], use: primary}
`;

function servers(): string {
  const each = (i: number) =>
    `  app${i}: {kind: server, legs: {only: {interface: i3, mac: "02:00:00:00:04:${hex(i)}"}}}`;
  return Array.from({ length: SERVERS }, (_, i) => each(i)).join('\n');
}

function* services(count: number): Generator<string> {
  for (let i = 0; i < count; i++) {
    const host = Math.floor(i / PORTS_OF_AN_ADDRESS);
    yield `  service${i}:
    customer: customer${i % 1000}
    address: 198.${18 + (host >> 16)}.${(host >> 8) & 255}.${host & 255}
    protocol: tcp
    port: ${1000 + (i % PORTS_OF_AN_ADDRESS)}
    sequence:
      - firewalls
      - ips1
      - app${i % SERVERS}`;
  }
}

function hex(value: number): string {
  return value.toString(16).padStart(2, '0');
}
