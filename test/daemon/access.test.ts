import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Operations } from '../../src/api-types/operations.ts';
import { findGroups } from '../../src/daemon/access.ts';
import { buildApp } from '../../src/daemon/api/app.ts';
import { listenOnSocket } from '../../src/daemon/listen.ts';

const run = promisify(execFile);
const [READERS, ADMINS, OTHERS] = [61_001, 61_002, 61_003];
const asked: string[] = [];
const operations = new Proxy({} as Operations, {
  get: (_, name) => async () => {
    asked.push(String(name));
    return { asked: name };
  },
});
const folder = mkdtempSync(join(tmpdir(), 'hopline-access-'));
const socket = join(folder, 'control.sock');
const app = buildApp(operations, undefined, { readers: READERS, admins: ADMINS });

beforeAll(async () => {
  chmodSync(folder, 0o755);
  await listenOnSocket(app, socket, READERS);
});
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true });
});

/** Status and body of what a process with these groups is answered. */
async function ask(groups: readonly number[], method: string, path: string, uid = 65_534) {
  const who = [`--reuid=${uid}`, '--regid=65534', groups.length > 0 ? `--groups=${groups}` : '--clear-groups'];
  const curl = ['curl', '-s', '--unix-socket', socket, '-X', method, '-w', '\n%{http_code}', `http://hopline${path}`];
  const { stdout } = await run('setpriv', [...who, ...curl, ...(method === 'GET' ? [] : ['--json', '{"nics":[]}'])]);
  const [body, status] = stdout.split('\n');
  return { status: Number(status), body: JSON.parse(body!) };
}

test('the socket is of the group, and of nobody else', async () => {
  const { mode, gid } = statSync(socket);
  expect([mode & 0o777, gid]).toEqual([0o660, READERS]);
  await expect(ask([OTHERS], 'GET', '/status')).rejects.toThrow();
});

test.each(['/status', '/services', '/devices', '/pools', '/counters', '/maps', '/events', '/metrics?x'])(
  'a member of the group looks: %s',
  async (path) => {
    expect(await ask([READERS], 'GET', path)).not.toMatchObject({ status: 403 });
  },
);

test.each([
  ['POST', '/interfaces/detach'],
  ['PUT', '/definitions'],
  ['POST', '/definitions/rollback'],
  ['POST', '/definitions/diff'],
  ['DELETE', '/services/shop'],
  ['PUT', '/pools/firewalls'],
  ['POST', '/devices/fw1/command'],
  ['PUT', '/maps/pools/entry'],
  ['POST', '/program/upgrade'],
  ['GET', '/definitions'],
])('and changes nothing, nor reads what may hold passwords: %s %s', async (method, path) => {
  asked.length = 0;
  const { status, body } = await ask([READERS], method, path);
  expect([status, body.code, asked]).toEqual([403, 'unable', []]);
  expect(body.message).toBe(
    `${method} ${path}: only root and members of the group hopline-admin may do this (sudo hopline …, or: sudo adduser NAME hopline-admin, and log in again)`,
  );
});

test('an administrator and root change', async () => {
  const detached = { status: 200, body: { asked: 'detach' } };
  expect(await ask([READERS, ADMINS], 'POST', '/interfaces/detach')).toEqual(detached);
  expect(await ask([], 'POST', '/interfaces/detach', 0)).toEqual(detached);
});

test('who is in neither group does nothing, even with the socket open to all', async () => {
  chmodSync(socket, 0o666);
  try {
    expect(await ask([OTHERS], 'GET', '/status')).toMatchObject({ status: 403 });
    expect(await ask([ADMINS], 'GET', '/status')).toMatchObject({ status: 200 });
  } finally {
    chmodSync(socket, 0o660);
  }
});

test('groups are found by their names', () => {
  const text = 'root:x:0:\nhopline:x:990:anna\nhopline-admin:x:991:\n';
  expect(findGroups(text)).toEqual({ readers: 990, admins: 991 });
  expect(findGroups('root:x:0:\nhopline:x:990:\n')).toEqual({ readers: 990, admins: undefined });
  expect(findGroups('root:x:0:\nhopline-admin:x:991:\n')).toBeUndefined();
});
