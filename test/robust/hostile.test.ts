import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DecodedEntry } from '../../src/dataplane/types.ts';
import { Bed } from './bed.ts';
import { type Answer, ask } from './hopline.ts';

const bed = new Bed('ho');
const longest = 'n'.repeat(63);
const path = (text: string): string => encodeURIComponent(text);
const raw = (method: string, url: string, body?: string, headers?: Record<string, string>): Promise<Answer> =>
  ask(bed.socket, method, url, body, headers);

/** A refusal by the controller: a status below 500, one clear sentence, and still the same process. */
function expectRefusal({ status, text }: Answer, wanted: number, sentence: RegExp): void {
  expect({ status, text }).toEqual({ status: wanted, text: expect.stringMatching(sentence) });
  const { code, message } = JSON.parse(text) as { code: string; message: string };
  expect({ code, lines: message.split('\n').length }).toEqual({
    code: wanted === 404 ? 'failed' : 'refused',
    lines: 1,
  });
  expect(message).not.toMatch(/TypeError|undefined|\[object|Cannot read|at \w+ \(/);
}

const SERVICE = { address: '10.0.0.9', protocol: 'udp', port: 80, sequence: ['app1'] };

describe('somebody who means ill, or mistypes', () => {
  let pid = 0;

  beforeAll(async () => {
    await bed.start();
    pid = (await bed.status()).controller!.pid;
  });

  afterAll(() => bed.close());

  it('unknown routes and methods', async () => {
    await bed.unchanged(async () => {
      for (const [method, url] of [
        ['GET', '/'],
        ['GET', '/../../etc/passwd'],
        ['GET', '/%2e%2e/%2e%2e/etc/passwd'],
        ['GET', '/services/..%2f..%2fetc%2fpasswd'],
        ['GET', '/services/%00'],
        ['DELETE', '/definitions'],
        ['PATCH', '/services/watched'],
        ['GET', '/maps/..%2flinks'],
        ['GET', '/maps/__proto__'],
        ['DELETE', '/services/constructor'],
        ['PUT', '/pools/__proto__'],
      ] as const) {
        const body = method === 'PUT' ? JSON.stringify({ member: 'fw1' }) : undefined;
        const { status, text } = await raw(method, url, body);
        expect({ url, status, text }).toEqual({
          url,
          status: 404,
          text: expect.stringMatching(/^\{"code":"failed",/),
        });
      }
      expectRefusal(await raw('GET', '/services/%E0%A4%A'), 400, /not a valid url/);
      expectRefusal(await raw('GET', `/services/${'x'.repeat(5000)}`), 414, /max param length/i);
    });
  });

  it('bodies that are none', async () => {
    await bed.unchanged(async () => {
      for (const [method, url, body, status] of [
        ['PUT', '/definitions', '{"text": ', 400],
        ['PUT', '/definitions', '', 400],
        ['PUT', '/definitions', 'null', 400],
        ['PUT', '/definitions', '[]', 400],
        ['PUT', '/definitions', '{"text": 5, "file": "x"}', 400],
        ['PUT', '/definitions', '{"text": "x"}', 400],
        ['PUT', '/definitions', '{"__proto__": {"text": "x"}, "text": "x", "file": "y"}', 400],
        ['PUT', '/services/a', '{', 400],
        ['PUT', '/services/a', 'null', 422],
        ['PUT', '/services/a', '17', 422],
        ['PUT', '/services/a', '[]', 422],
        ['PUT', '/services/a', '{}', 422],
        ['POST', '/interfaces/attach', '{"nics": "eth0", "mode": "auto"}', 400],
        ['POST', '/interfaces/attach', '{"nics": ["a"], "mode": "magic"}', 400],
        ['PUT', '/pools/p', '{"member": {}}', 400],
      ] as const) {
        const answer = await raw(method, url, body);
        // Definitions may be large: they are read by the one who judges them, whose word for all of it is 422.
        const expected = url === '/definitions' && answer.status === 422 ? 422 : status;
        expect({ url, body, status: answer.status }).toEqual({ url, body, status: expected });
        expectRefusal(answer, expected, /"message":"..+"/);
      }
      const text = await raw('PUT', '/definitions', 'interfaces: {}', { 'content-type': 'application/yaml' });
      expectRefusal(text, 415, /[Uu]nsupported/);
    });
  });

  it('bodies without end', async () => {
    await bed.unchanged(async () => {
      const announced = await new Promise<string>((resolve, reject) => {
        const socket = connect(bed.socket, () => {
          socket.write(
            'PUT /definitions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99999999999\r\n\r\n{',
          );
        });
        socket.on('data', (data) => {
          resolve(data.toString());
          socket.destroy();
        });
        socket.on('error', reject);
      });
      expect(announced).toMatch(/^HTTP\/1.1 413 .*"code":"refused"/s);
      const nested = `{"text": ${'['.repeat(200_000)}`;
      expectRefusal(await raw('PUT', '/definitions', nested), 422, /no JSON/);
      const deep = `services: ${'['.repeat(20_000)}`;
      expectRefusal(await bed.apply(deep), 422, /there is a problem|there are/);
      const bomb = Array.from({ length: 9 }, (_, i) => `a${i}: &a${i} [${`*a${i - 1}, `.repeat(9)}]`).join('\n');
      expectRefusal(await bed.apply(bomb.replace('*a-1, ', 'x, ').replaceAll('*a-1, ', '')), 422, /problem/);
    });
  });

  it('bytes that are no HTTP', async () => {
    await bed.unchanged(async () => {
      for (const bytes of [
        Buffer.alloc(100_000, 0xff),
        Buffer.from('GET\r\n\r\n'),
        Buffer.from('\0\0\0'),
        Buffer.alloc(0),
      ]) {
        await new Promise<void>((resolve) => {
          const socket = connect(bed.socket, () => socket.end(bytes));
          socket.on('close', () => resolve());
          socket.on('error', () => resolve());
          socket.resume();
        });
      }
    });
  });

  it('names of odd characters are refused, also from files', async () => {
    await bed.unchanged(async () => {
      for (const name of [
        '',
        '../x',
        'a/b',
        'a b',
        'ä',
        '\u0000',
        '-x',
        '1x',
        '💥',
        'x'.repeat(64),
        '__proto__',
        "'; drop",
        '$(reboot)',
        'a\nb',
      ]) {
        const answer = await raw('PUT', `/services/${path(name)}`, JSON.stringify(SERVICE));
        expect({ name, status: answer.status }).toEqual({ name, status: 422 });
        expectRefusal(answer, 422, /name/);
        const file = bed.definitions({ services: [`${JSON.stringify(name)}: ${JSON.stringify(SERVICE)}`] });
        const applied = await bed.apply(file);
        expect({ name, status: applied.status }).toEqual({ name, status: 422 });
        expect(applied.text).toMatch(/hopline\.yaml:\d+:\d+: .*name/);
      }
    });
  });

  it('the longest names are kept apart, over a restart too', async () => {
    const device = (name: string, mac: string): string =>
      `${name}: {kind: inline, legs: {outside: {interface: ${bed.outside.engine.name}, mac: "${mac}:01"}, inside: {interface: ${bed.inside.engine.name}, mac: "${mac}:02"}}}`;
    const text = bed.definitions({
      devices: [device(`${longest.slice(1)}a`, '02:00:00:00:aa'), device(`${longest.slice(1)}b`, '02:00:00:00:bb')],
      services: [
        `${longest}: {address: 10.0.0.9, protocol: udp, port: 80, sequence: [${longest.slice(1)}a, ${longest.slice(1)}b, app1]}`,
      ],
    });
    await bed.under(async () => expect(await bed.apply(text)).toMatchObject({ status: 200 }));
    await bed.controller.kill('SIGKILL');
    await bed.unchanged(() => bed.start());
    await bed.under(async () => expect(await bed.apply(bed.definitions())).toMatchObject({ status: 200 }));
    await bed.settled();
    pid = (await bed.status()).controller!.pid;
  });

  it('`hopline map set` with nonsense', async () => {
    const [leg] = (await bed.controller.call('GET', '/maps/legs')) as DecodedEntry[];
    const value = leg!.value as Record<string, unknown>;
    const set = (map: string, key: unknown, given: unknown): Promise<Answer> =>
      bed.ask('PUT', `/maps/${map}/entry`, { key: JSON.stringify(key), value: JSON.stringify(given) });
    await bed.unchanged(async () => {
      for (const [map, key, given] of [
        ['legs', 99_999_999, value],
        ['legs', -1, value],
        ['legs', 1.5, value],
        ['legs', 'one', value],
        ['legs', null, value],
        ['legs', { leg: 1 }, value],
        ['legs', 4000, 'nonsense'],
        ['legs', 4000, 7],
        ['legs', 4000, null],
        ['legs', 4000, []],
        ['legs', 4000, { ...value, nosuchfield: 1 }],
        ['legs', 4000, { ...value, mac: 'not a mac' }],
        ['legs', 4000, { ...value, mtu: 70_000 }],
        ['legs', 4000, { ...value, mtu: -1 }],
        ['legs', 4000, { ...value, mtu: 'x' }],
        ['legs', 4000, { ...value, address: '1.2.3' }],
        ['legs', 4000, { ...value, vlan: [1] }],
        ['names', { kind: 1 }, { text: 'x' }],
        ['names', { kind: 1, id: 'x' }, { text: 'x' }],
        ['names', { kind: 1, id: 9 }, { text: 'x'.repeat(64) }],
        ['names', { kind: 1, id: 9 }, { text: 5 }],
        ['names', { kind: 1, id: 9, constructor: 1 }, { text: 'x' }],
        ['ranges', {}, { slot: 1 }],
        ['pools', 99_999_999, { outside: 1 }],
        ['totals', [], {}],
      ] as const) {
        const answer = await set(map, key, given);
        expect({ entry: [map, key, given], ...answer }).toEqual({
          entry: [map, key, given],
          status: 422,
          text: answer.text,
        });
        expectRefusal(answer, 422, /\(.+\)"/);
      }
      for (const [method, url] of [
        ['GET', '/maps/legs/entry?key=%7B'],
        ['DELETE', '/maps/names/entry?key=%22x%22'],
        ['GET', '/maps/names/entry?key=null'],
      ] as const) {
        expectRefusal(await raw(method, url), 422, /\(.+\)"/);
      }
      expectRefusal(await raw('GET', '/maps/legs/entry'), 400, /key/);
      expectRefusal(
        await raw('GET', '/maps/names/entry?key=%7B%22kind%22%3A1%2C%22id%22%3A999%7D'),
        404,
        /no such entry/,
      );
      const ended = await bed.hopline('map', 'set', 'legs', '1', 'nonsense');
      expect(ended).toMatchObject({
        code: 2,
        out: '',
        err: expect.stringMatching(/^hopline: read value nonsense: it is no JSON/),
      });
    });
  });

  it('command lines that are wrong end with code 2 and say what is right', async () => {
    await bed.unchanged(async () => {
      for (const [words, sentence] of [
        [['no-such-command'], /unknown command/],
        [['--instance', '../../etc', 'status'], /not a name/],
        [['--limits', 'slots=lots', 'status'], /not a limit/],
        [['apply', 'a.yaml', 'b.yaml'], /too many arguments/],
        [['pool', 'use', 'p'], /missing required argument/],
        [['run', '--metrics', 'nonsense'], /host:port/],
        [['-o', 'xml', 'status'], /Allowed choices are/],
        [['attach', '--mode', 'magic', 'eth0'], /Allowed choices are/],
      ] as const) {
        const ended = await bed.hopline(...words);
        expect({ words, code: ended.code, out: ended.out }).toEqual({ words, code: 2, out: '' });
        expect(ended.err).toMatch(sentence);
      }
    });
  });

  it('has not ended the controller', async () => {
    expect((await bed.status()).controller).toMatchObject({ pid });
    expect(bed.controller.log).not.toMatch(/uncaught|unhandled/i);
  });
});
