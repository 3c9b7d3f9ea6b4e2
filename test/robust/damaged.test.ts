import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { BpfMap, createMap } from '../../src/libbpf/index.ts';
import { LAYOUT_VERSION } from '../../src/terms/constants.ts';
import { Bed } from './bed.ts';

const bed = new Bed('dm');
const directory = join('/sys/fs/bpf/hopline', bed.instance);
const pin = (name: string): string => join(directory, 'current', name);

/** Every way to open the tables: each must end so, with packets flowing and nothing touched. */
async function refuses(code: number, sentence: RegExp): Promise<void> {
  const { file } = bed.controller;
  const untouched = bed.bytes();
  await bed.under(async () => {
    for (const command of [['apply', file], ['status'], ['run', '--config', file]]) {
      const ended = await bed.hopline(...command);
      expect(ended, command.join(' ')).toEqual({ code, out: '', err: expect.stringMatching(/^hopline: [^\n]+\n$/) });
      expect(ended.err, command.join(' ')).toMatch(sentence);
    }
  });
  expect(bed.bytes()).toEqual(untouched);
}

describe('tables that are not what this version expects', () => {
  beforeEach(async () => {
    await bed.start();
    await bed.controller.kill('SIGTERM');
  });

  afterAll(() => bed.close());

  it.each([0, LAYOUT_VERSION + 1])('an old or a new layout: %s', async (version) => {
    const map = BpfMap.open(pin('layout'));
    const words = new Uint32Array(map.mmap());
    words[0] = version;
    onTestFinished(() => {
      words[0] = LAYOUT_VERSION;
      map.close();
    });
    await refuses(
      3,
      new RegExp(
        `these tables have layout ${version}, this program knows ${LAYOUT_VERSION} \\(.+\\); forwarding goes on`,
      ),
    );
  });

  it('a layout for other CPUs', async () => {
    const map = BpfMap.open(pin('layout'));
    const words = new Uint32Array(map.mmap());
    const cpus = words[1]!;
    words[1] = cpus + 1;
    onTestFinished(() => {
      words[1] = cpus;
      map.close();
    });
    await refuses(
      3,
      new RegExp(`these tables are for ${cpus + 1} CPUs, there are ${cpus} \\(.+\\); forwarding goes on`),
    );
  });

  /** Takes a pin away, until the test is over. */
  function setAside(name: string): void {
    const aside = join(directory, `${name}-kept`);
    renameSync(pin(name), aside);
    onTestFinished(() => {
      rmSync(pin(name), { force: true });
      renameSync(aside, pin(name));
    });
  }

  const cure = `\\(rm -r ${directory}, which detaches every NIC, and apply again\\); forwarding goes on\n$`;

  it.each(['layout', 'names', 'hopline'])('no %s: the way out is said', async (name) => {
    setAside(name);
    await refuses(3, new RegExp(`${pin(name)}: .*${cure}`));
  });

  it('a map of another size in the place of one', async () => {
    setAside('addresses');
    const other = createMap({
      type: 'array',
      name: 'addresses',
      keySize: 4,
      valueSize: 32,
      maxEntries: 4,
      flags: 1024,
    });
    other.pin(pin('addresses'));
    other.close();
    await refuses(3, new RegExp(`${pin('addresses')}: .*4 and 32 bytes instead of 4 and 16 ${cure}`));
  });

  it('the way out works: everything anew', async () => {
    rmSync(pin('names'));
    rmSync(directory, { recursive: true });
    await bed.start();
    await bed.under(async () => {});
  });
});
