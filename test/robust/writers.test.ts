import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FileLock } from '../../src/libbpf/index.ts';
import { Bed, until } from './bed.ts';
import { run } from './hopline.ts';

const bed = new Bed('wr');
const file = join(bed.controller.directory, 'good.yaml');
const GOOD = bed.definitions({ services: ['more: {address: 10.0.0.9, protocol: udp, port: 80, sequence: [app1]}'] });

const heldBy = (pid: number): RegExp =>
  new RegExp(`^hopline: lock .*: process ${pid} holds it \\(one process at a time writes the tables: .*\\)\n$`);

describe('two who write', () => {
  beforeAll(async () => {
    writeFileSync(file, GOOD);
    await bed.start();
  });

  afterAll(() => bed.close());

  it('a second controller ends with code 4 and names the first', async () => {
    const { pid } = (await bed.status()).controller!;
    const ended = await bed.unchanged(() => bed.hopline('run', '--config', file));
    expect(ended).toMatchObject({ code: 4, err: expect.stringMatching(heldBy(pid)) });
    expect((await bed.status()).controller).toMatchObject({ pid });
  });

  it('a command that goes past the controller likewise, and one that reads does not mind', async () => {
    const { pid } = (await bed.status()).controller!;
    const socket = join(bed.controller.directory, 'nobody.sock');
    await bed.unchanged(async () => {
      const ended = await bed.hopline('--socket', socket, 'apply', file);
      expect(ended).toEqual({ code: 4, out: '', err: expect.stringMatching(heldBy(pid)) });
      expect(await bed.hopline('--socket', socket, 'status')).toMatchObject({ code: 0, err: '' });
      expect(await bed.hopline('--socket', socket, 'counters')).toMatchObject({ code: 0, err: '' });
    });
  });

  it('a second apply while one holds the lock, and the same when it is let go', async () => {
    await bed.controller.kill('SIGKILL');
    const lock = FileLock.take(join(bed.controller.directory, `${bed.instance}.lock`));
    const ended = await bed.unchanged(() => bed.hopline('apply', file));
    expect(ended).toEqual({ code: 4, out: '', err: expect.stringMatching(heldBy(process.pid)) });
    lock.release();
    expect(await bed.under(() => bed.hopline('apply', file))).toMatchObject({ code: 0, err: '' });
  });

  it('ten applies at once: each is done or says who is before it, and one is in force', async () => {
    const applied = await bed.under(() => Promise.all(Array.from({ length: 10 }, () => bed.hopline('apply', file))));
    const codes = new Set(applied.map(({ code }) => code));
    expect([...codes].every((code) => code === 0 || code === 4)).toBe(true);
    expect(applied.filter(({ code }) => code === 0).length).toBeGreaterThan(0);
    for (const { code, err } of applied) if (code === 4) expect(err).toMatch(/^hopline: lock .*: process \d+ holds it/);
    expect((await run('bin/hopline', ['service', 'list'], bed.environment)).out).toMatch(/more/);
  });

  it('a socket file that a killed controller left behind is in nobody’s way', async () => {
    await bed.start();
    await bed.controller.kill('SIGKILL');
    expect(await bed.under(() => bed.hopline('status'))).toMatchObject({ code: 0 });
    await bed.under(() => bed.start());
    await until('it answers', async () => (await bed.ask('GET', '/ping')).status === 200);
  });
});
