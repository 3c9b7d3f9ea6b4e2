import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cable } from '../traffic/cable.ts';
import { Bed } from './bed.ts';
import { type Ended, run } from './hopline.ts';

const NOBODY = ['--reuid=65534', '--regid=65534', '--clear-groups', 'bin/hopline'];

const bed = new Bed('un');
const more = cable('un-more');
const pinRoot = join(bed.controller.directory, 'bpf');
const stateDir = join(bed.controller.directory, 'state');
const file = join(bed.controller.directory, 'good.yaml');
const GOOD = bed.definitions({ services: ['more: {address: 10.0.0.9, protocol: udp, port: 80, sequence: [app1]}'] });
const mount = (...args: string[]): string => execFileSync('mount', args, { encoding: 'utf8' });

/** One sentence on standard error, and nothing else. */
function expectSentence(ended: Ended, code: number, sentence: RegExp): void {
  expect(ended).toEqual({ code, out: '', err: expect.stringMatching(/^hopline: [^\n]+\n$/) });
  expect(ended.err).toMatch(sentence);
}

beforeAll(async () => {
  for (const [directory, type, options] of [
    [pinRoot, 'bpf', 'rw'],
    [stateDir, 'tmpfs', 'size=64k'],
  ] as const) {
    mkdirSync(directory);
    mount('-t', type, '-o', options, type, directory);
  }
  bed.environment.HOPLINE_PIN_ROOT = pinRoot;
  bed.environment.HOPLINE_STATE_DIR = stateDir;
  writeFileSync(file, GOOD);
  await bed.start();
});

afterAll(async () => {
  await bed.controller.kill('SIGTERM');
  await bed.hopline('detach', '--all');
  execFileSync('umount', [pinRoot, stateDir]);
  // What closes it asks once more for what is attached: not where there is no BPF file system any more.
  delete bed.environment.HOPLINE_PIN_ROOT;
  await bed.close();
});

/** With the BPF file system read-only; the dataplane is compared before and after, when it can be read. */
const readOnly = (work: () => Promise<void>): Promise<void> =>
  bed.unchanged(async () => {
    mount('-o', 'remount,ro', pinRoot);
    try {
      await work();
    } finally {
      mount('-o', 'remount,rw', pinRoot);
    }
  });

describe('a BPF file system that is read-only', () => {
  it('lets a running controller refuse changes, in one sentence, and forwarding goes on', async () => {
    await readOnly(async () => {
      for (const [method, path, body] of [
        ['PUT', '/definitions', { text: GOOD, file }],
        ['PUT', '/services/more', { address: '10.0.0.9', protocol: 'udp', port: 80, sequence: ['app1'] }],
        ['POST', '/interfaces/attach', { nics: [more.engine.name], mode: 'auto' }],
        ['GET', '/status', undefined],
      ] as const) {
        const { status, text } = await bed.ask(method, path, body);
        expect({ path, status, text }).toEqual({
          path,
          status: 503,
          text: expect.stringMatching(/mount -o remount,rw/),
        });
        expect(JSON.parse(text)).toMatchObject({ code: 'unable' });
      }
    });
    await bed.under(async () => {
      expect(await bed.apply(GOOD)).toMatchObject({ status: 200 });
      expect(await bed.apply(bed.definitions())).toMatchObject({ status: 200 });
    });
  });

  it('ends commands and controllers with code 3 and one sentence', async () => {
    await bed.settled();
    await bed.controller.kill('SIGKILL');
    await readOnly(async () => {
      const said = /read-only.*mount -o remount,rw.*forwarding goes on/;
      expectSentence(await bed.hopline('apply', file), 3, said);
      expectSentence(await bed.hopline('attach', more.engine.name), 3, said);
      expectSentence(await bed.hopline('run', '--config', file), 3, said);
      expectSentence(await bed.hopline('status'), 3, said);
    });
    await bed.unchanged(() => bed.start());
  });
});

describe('a machine that cannot', () => {
  const elsewhere = (environment: NodeJS.ProcessEnv) => ({
    ...bed.environment,
    HOPLINE_INSTANCE: 'un-elsewhere',
    HOPLINE_STATE_DIR: bed.controller.directory,
    ...environment,
  });

  it.each([
    ['no BPF file system', { HOPLINE_PIN_ROOT: '/tmp' }, 3, /open \/tmp: it is no BPF file system \(mount -t bpf/],
    ['no directory', { HOPLINE_PIN_ROOT: '/none' }, 3, /open \/none: it is no BPF file system \(mkdir/],
    ['no compiled programs', { HOPLINE_OBJECT: '/none.o' }, 1, /\/none\.o: .*\(.+\)/],
    ['no object file', { HOPLINE_OBJECT: 'package.json' }, 1, /package\.json: .*\(.+\)/],
  ])('%s: one sentence', async (_, environment, code, sentence) => {
    const ended = await run('bin/hopline', ['apply', file], elsewhere(environment));
    expectSentence(ended, code, sentence);
  });

  it('nobody: may check definitions, and no more', async () => {
    chmodSync(bed.controller.directory, 0o755);
    const as = (...args: string[]): Promise<Ended> => run('setpriv', [...NOBODY, ...args], bed.environment);
    const alone = (...args: string[]): Promise<Ended> => run('setpriv', [...NOBODY, ...args], elsewhere({}));
    await bed.unchanged(async () => {
      expect(await as('check', file)).toMatchObject({ code: 0, err: '' });
      for (const command of [['apply', file], ['status'], ['detach', '--all']]) {
        expectSentence(await as(...command), 3, /only root and members of the group hopline may/);
        expectSentence(await alone(...command), 3, /only root may/);
      }
      expectSentence(await alone('run', '--config', file), 3, /only root may/);
    });
  });

  it('a disk that fails behind a change: it is in force, said so, and kept with the next one', async () => {
    const previous = join(stateDir, bed.environment.HOPLINE_INSTANCE!, 'previous.yaml');
    const remove = () => bed.ask('DELETE', '/services/more');
    // Folds are counted in the layout.
    const tables = () => ({ ...bed.bytes(), layout: '' });
    const before = tables();
    await bed.under(async () => {
      rmSync(previous, { force: true });
      mkdirSync(join(previous, 'in the way'), { recursive: true });
      const applied = await bed.apply(GOOD);
      expect(applied).toEqual({ status: 500, text: expect.stringMatching(/previous\.yaml.*the change is in force/) });
      expect((await bed.ask('GET', '/services/more')).status).toBe(200);
      expect(await remove()).toEqual({ status: 500, text: expect.stringMatching(/nothing was changed now/) });
      rmSync(previous, { recursive: true });
      expect(await remove()).toMatchObject({ status: 200 });
      await bed.settled();
    });
    expect(tables()).toEqual(before);
  });

  it('no room on the disk for the definitions: nothing is changed', async () => {
    const { bavail, bsize } = statfsSync(stateDir);
    writeFileSync(join(stateDir, 'filler'), Buffer.alloc(bavail * bsize - 16 * 1024));
    const service = 'more: {address: 10.0.0.9, protocol: udp, port: 80, sequence: [app1]}';
    const text = bed.definitions({ services: [`${service} # ${'x'.repeat(40 * 1024)}`] });
    const answer = await bed.unchanged(() => bed.apply(text));
    expect(answer).toEqual({ status: 500, text: expect.stringMatching(/no space left/) });
    expect(answer.text).toContain(stateDir);
  });
});
