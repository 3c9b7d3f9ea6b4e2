/** squid as a plain forward proxy. */
import { chmodSync } from 'node:fs';
import type { Host } from './host.ts';
import type { Program } from './program.ts';

/** A proxy for everybody, on some ports of all addresses; caches nothing, and refuses paths that begin with `refused`. */
export async function startSquid(host: Host, ports: number | readonly number[], refused?: string): Promise<Program> {
  const all = [ports].flat();
  const config = host.file(
    'squid.conf',
    `${all.map((port) => `http_port ${port}`).join('\n')}
${refused === undefined ? '' : `acl refused urlpath_regex ^${refused}\nhttp_access deny refused`}
http_access allow all
cache deny all
access_log none
cache_log ${host.folder}/cache.log
pid_filename none
coredump_dir ${host.folder}
shutdown_lifetime 0 seconds
dns_nameservers 127.0.0.1
visible_hostname proxy
pinger_enable off
netdb_filename none
`,
  );
  // squid gives root up before it opens its log.
  chmodSync(host.folder, 0o777);
  // Its shared memory is named after the service: two of one name end each other.
  const service = host.netns.replace(/[^A-Za-z0-9]/g, '');
  const squid = host.start('squid', ['-N', '-n', service, '-f', config]);
  await Promise.all(all.map((port) => host.listens(squid, port)));
  return squid;
}
