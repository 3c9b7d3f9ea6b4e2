/** PostgreSQL with an empty cluster that lets everybody in. */
import { appendFileSync, chownSync, globSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from './host.ts';
import type { Program } from './program.ts';

const AS_POSTGRES = ['--reuid', 'postgres', '--regid', 'postgres', '--clear-groups', '--'];

/** Listens on one port of all addresses; `show cluster_name` gives the name. */
export async function startPostgres(host: Host, name: string, port = 5432): Promise<Program> {
  const bin = globSync('/usr/lib/postgresql/*/bin').sort().at(-1);
  if (bin === undefined) {
    throw new Error('start PostgreSQL: it is not installed (make setup installs it)');
  }
  const home = join(host.folder, `postgres-${port}`);
  const data = join(home, 'data');
  mkdirSync(home, { recursive: true });
  const owner = Number((await host.run('id', ['-u', 'postgres'])).trim());
  chownSync(home, owner, statSync(home).gid);
  await host.run('setpriv', [
    ...AS_POSTGRES,
    join(bin, 'initdb'),
    '-D',
    data,
    '-A',
    'trust',
    '--no-sync',
    '--no-locale',
  ]);
  appendFileSync(join(data, 'pg_hba.conf'), 'host all all all trust\n');
  const settings = {
    listen_addresses: '*',
    port: String(port),
    unix_socket_directories: home,
    cluster_name: name,
    fsync: 'off',
    max_connections: '10',
  };
  const options = Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  const postgres = host.start('setpriv', [...AS_POSTGRES, join(bin, 'postgres'), '-D', data, ...options]);
  await postgres.shows(/ready to accept connections/, 20_000);
  return postgres;
}
