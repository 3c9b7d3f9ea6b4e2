/** An application that answers HTTP with what its databases say: each over one connection that lasts, and is made anew when it breaks. */
import type { Host } from './host.ts';
import type { Program } from './program.ts';

const APPLICATION = `
const { Client } = require('pg');
const databases = JSON.parse(process.argv[1]);
const open = new Map();
async function connect(host) {
  const client = new Client({ host, user: 'postgres', connectionTimeoutMillis: 1000, query_timeout: 1000 });
  client.on('error', () => open.delete(host));
  await client.connect();
  console.log('connected to ' + host);
  open.set(host, client);
  return client;
}
async function ask(host, deadline) {
  try {
    const client = open.get(host) ?? (await connect(host));
    const { rows } = await client.query("select current_setting('cluster_name') as name, count(*) from kept");
    return rows[0].name + ' has ' + rows[0].count;
  } catch (error) {
    open.get(host)?.end().catch(() => undefined);
    open.delete(host);
    if (Date.now() > deadline) throw error;
    await new Promise((resolve) => setTimeout(resolve, 100));
    return ask(host, deadline);
  }
}
require('node:http').createServer((request, response) => {
  const host = databases[request.socket.localAddress.replace('::ffff:', '')];
  ask(host, Date.now() + 10000).then(
    (answer) => response.end('by ' + host + ': ' + answer),
    (error) => { response.statusCode = 500; response.end(String(error)); },
  );
}).listen(80, '0.0.0.0', () => console.log('listening'));`;

/** @param databases address of the database by the address that the application was asked at. */
export async function startApplication(host: Host, databases: Readonly<Record<string, string>>): Promise<Program> {
  const program = host.start(process.execPath, ['-e', APPLICATION, JSON.stringify(databases)]);
  await program.shows(/listening/);
  return program;
}

/** What application and databases must have in common: a table of so many rows. */
export async function fillDatabase(host: Host, rows: number): Promise<void> {
  const statement = `create table kept as select generate_series(1, ${rows}) as number`;
  await host.run('psql', ['-h', `${host.folder}/postgres-5432`, '-U', 'postgres', '-c', statement]);
}
