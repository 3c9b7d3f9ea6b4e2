/** haproxy: a real load balancer. */
import type { Host } from './host.ts';
import type { Program } from './program.ts';

export interface BalancerFields {
  readonly port: number;
  /** "address:port" of those it spreads requests over, in turn; each is asked for / every 300 ms. */
  readonly servers: readonly string[];
  /** Only when all the others are gone. */
  readonly spares?: readonly string[];
}

/** Spreads HTTP requests over servers on one port of all addresses, and leaves those that do not answer. */
export async function startBalancer(host: Host, { port, servers, spares = [] }: BalancerFields): Promise<Program> {
  const line = (server: string, place: number, end = ''): string =>
    `  server b${place} ${server} check inter 300ms fall 2 rise 1${end}`;
  const config = host.file(
    'haproxy.cfg',
    `defaults
  mode http
  timeout connect 500ms
  timeout check 500ms
  timeout client 5s
  timeout server 2s
  retries 2
  option redispatch 1
  option httpchk GET /
listen all
  bind :${port}
  balance roundrobin
${servers.map((server, place) => line(server, place)).join('\n')}
${spares.map((server, place) => line(server, servers.length + place, ' backup')).join('\n')}
`,
  );
  const haproxy = host.start('haproxy', ['-db', '-f', config]);
  await host.listens(haproxy, port);
  return haproxy;
}
