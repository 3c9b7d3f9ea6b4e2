import type { Lane } from './bed.ts';

export interface Shape {
  readonly services: number;
  /** Servers of no service, on the clients' interface: the origin is one among several. */
  readonly bystanders?: number;
  readonly nat?: boolean;
}

/** Address of the n-th service, from 10.0.0.0 on, as the generator counts them. */
const addressOf = (n: number): string => `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`;

/** N services of one server, UDP port 80, over a lane: clients at one end, the server at the other. */
export function definitionsOf({ into, out }: Lane, { services, bystanders = 0, nat = false }: Shape): string {
  const lines = [
    'interfaces:',
    `  ${into.engine.name}: {faces: ${bystanders > 0 ? '[clients, devices]' : 'clients'}}`,
    `  ${out.engine.name}: {faces: devices}`,
    'devices:',
    `  sink: {kind: server, mode: ${nat ? 'nat, address: 192.0.2.99' : 'loopback'}, legs: {only: {interface: ${out.engine.name}, mac: "${out.far.mac}"}}}`,
  ];
  for (let n = 0; n < bystanders; n++) {
    const mac = `02:00:00:01:00:${n.toString(16).padStart(2, '0')}`;
    lines.push(
      `  bystander${n}: {kind: server, mode: loopback, legs: {only: {interface: ${into.engine.name}, mac: "${mac}"}}}`,
    );
  }
  lines.push('services:');
  for (let n = 0; n < services; n++) {
    lines.push(`  s${n}: {address: ${addressOf(n)}, protocol: udp, port: 80, sequence: [sink]}`);
  }
  return lines.join('\n');
}
