import { afterAll, expect, test } from 'vitest';
import { Failure } from '../../src/api-types/failure.ts';
import type { Operations } from '../../src/api-types/operations.ts';
import { buildApp } from '../../src/daemon/api/app.ts';
import { buildMetricsApp } from '../../src/daemon/api/metrics-app.ts';

/** Answers with what it was asked; `refuse` fails in each way there is. */
const operations = new Proxy({} as Operations, {
  get:
    (_, name) =>
    async (...args: unknown[]) => {
      const [first] = args;
      if (first === 'wrong') throw new Failure('refused', 'the definitions are wrong', ['a.yaml:1:1: no']);
      if (first === 'busy') throw new Failure('locked', 'another writer holds the lock');
      if (first === 'broken') throw new Error('out of memory');
      if (name === 'metrics') return ['hopline_build_info ', '1\n'];
      return { asked: name, args };
    },
});
const app = buildApp(operations);
afterAll(() => app.close());

type Method = 'GET' | 'PUT' | 'POST' | 'DELETE';

test.each<[string, Method, string, object | undefined, string, unknown[]]>([
  ['status', 'GET', '/status', undefined, 'status', []],
  ['a service is set by its name', 'PUT', '/services/shop%2Fa', { port: 1 }, 'setService', ['shop/a', { port: 1 }]],
  ['and deleted', 'DELETE', '/services/shop', undefined, 'deleteService', ['shop']],
  ['definitions are applied', 'PUT', '/definitions', { text: 'x', file: 'f' }, 'apply', [{ text: 'x', file: 'f' }]],
  ['and compared', 'POST', '/definitions/diff', { text: 'x', file: 'f' }, 'diff', [{ text: 'x', file: 'f' }]],
  ['and rolled back', 'POST', '/definitions/rollback', undefined, 'rollback', []],
  ['a pool gets another member', 'PUT', '/pools/firewalls', { member: 'fw2' }, 'usePool', ['firewalls', 'fw2']],
  ['a device is drained', 'POST', '/devices/fw1/command', { command: 'drain' }, 'commandDevice', ['fw1', 'drain']],
  ['and replaced', 'POST', '/devices/fw%2F1/replace', { by: 'fw2' }, 'replaceDevice', ['fw/1', 'fw2']],
  ['a service is regenerated', 'POST', '/services/regenerate', { name: 'shop' }, 'regenerate', ['shop']],
  ['events are read', 'GET', '/events?device=fw1', undefined, 'events', [{ device: 'fw1' }]],
  ['NICs are attached', 'POST', '/interfaces/attach', { nics: ['i0'], mode: 'native' }, 'attach', [['i0'], 'native']],
  ['an entry is read', 'GET', '/maps/pools/entry?key=1', undefined, 'getEntry', ['pools', '1']],
  ['an entry is written', 'PUT', '/maps/pools/entry', { key: '1', value: '{}' }, 'setEntry', ['pools', '1', '{}']],
])('%s', async (_, method, url, payload, asked, args) => {
  const answer = await app.inject({ method, url, ...(payload === undefined ? {} : { payload }) });
  expect([answer.statusCode, answer.json()]).toEqual([200, { asked, args }]);
});

test.each<[string, string, number, object]>([
  [
    'wrong definitions',
    'wrong',
    422,
    { code: 'refused', message: 'the definitions are wrong', problems: ['a.yaml:1:1: no'] },
  ],
  ['another writer', 'busy', 409, { code: 'locked', message: 'another writer holds the lock', problems: [] }],
  ['anything else', 'broken', 500, { code: 'failed', message: 'out of memory', problems: [] }],
])('%s: status, code, message and problems', async (_, name, status, body) => {
  const answer = await app.inject({ method: 'DELETE', url: `/services/${name}` });
  expect([answer.statusCode, answer.json()]).toEqual([status, body]);
});

test('a body that is not what the route takes is refused before anything is done', async () => {
  const answer = await app.inject({ method: 'PUT', url: '/pools/firewalls', payload: { members: 'fw2' } });
  expect([answer.statusCode, answer.json().code]).toEqual([400, 'refused']);
});

test.each([
  ['/devices/fw1/command', { command: 'explode' }],
  ['/devices/fw1/replace', {}],
  ['/services/regenerate', { names: 'shop' }],
])('a wrong body for %s is refused, too', async (url, payload) => {
  const answer = await app.inject({ method: 'POST', url, payload });
  expect([answer.statusCode, answer.json().code]).toEqual([400, 'refused']);
});

test('what is not there is said so', async () => {
  expect((await app.inject({ method: 'GET', url: '/frob' })).json().message).toBe('GET /frob: no such thing here');
});

test('the port for Prometheus offers metrics and nothing else', async () => {
  const metrics = buildMetricsApp(operations);
  const scraped = await metrics.inject({ method: 'GET', url: '/metrics' });
  expect([scraped.headers['content-type'], scraped.body]).toEqual([
    'text/plain; version=0.0.4; charset=utf-8',
    'hopline_build_info 1\n',
  ]);
  expect((await metrics.inject({ method: 'POST', url: '/definitions/rollback' })).statusCode).toBe(404);
  await metrics.close();
});
