/** Real servers of every protocol on 127.0.0.1, as children; says so, and names the process of each. */
import { execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startServers } from '../health/probes/servers.ts';

const [folder = ''] = process.argv.slice(2);
execFileSync('mount', ['-t', 'tmpfs', 'none', '/run']);
// The mail server wants the name of whoever greets it: our own name server says at once that it knows none.
const resolver = join(folder, 'resolv.conf');
writeFileSync(resolver, 'nameserver 127.0.0.1\n');
execFileSync('mount', ['--bind', resolver, '/etc/resolv.conf']);
const servers = await startServers(folder);
const peers = join(import.meta.dirname, '../health/probes/peers-runner.ts');
spawn(process.execPath, [peers], { stdio: ['pipe', 'ignore', 'inherit'] });
for (const { name, pid } of servers) console.log(`server ${name} ${pid}`);
console.log('started');
setInterval(() => undefined, 1 << 30);
