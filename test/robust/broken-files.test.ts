import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HERE, type Refusal } from '../model/refusal.ts';
import { CONFLICTS } from '../model/refusals-conflicts.ts';
import { FABRIC } from '../model/refusals-fabric.ts';
import { HEALTH } from '../model/refusals-health.ts';
import { SERVICES } from '../model/refusals-services.ts';
import { SYNTAX } from '../model/refusals-syntax.ts';
import { Bed } from './bed.ts';
import type { Ended } from './hopline.ts';

/** Those that are wrong by what the machine has are left to test/model. */
const ROWS = [...SYNTAX, ...FABRIC, ...SERVICES, ...HEALTH, ...CONFLICTS].filter(
  ({ context }) => context === undefined,
);
const AT_ONCE = 3;

const bed = new Bed('bf');
const directory = mkdtempSync(join(tmpdir(), 'hopline-broken-'));

interface Broken extends Refusal {
  readonly path: string;
  readonly place: string;
}

const FILES: readonly Broken[] = ROWS.map((row, number) => {
  const path = join(directory, `broken${number}.yaml`);
  writeFileSync(path, row.text.replace(HERE, ''));
  const before = row.text.slice(0, row.text.indexOf(HERE)).split('\n');
  return { ...row, path, place: `${before.length}:${before.at(-1)!.length + 1}` };
});
/** So many of them, from all over. */
const some = (count: number): readonly Broken[] => FILES.filter((_, number) => (number * count) % FILES.length < count);

/** What stands on standard error, without the line of source it shows. */
function refusalOf({ code, out, err }: Ended, name: string) {
  const lines = err.trimEnd().split('\n');
  return { name, code, out, problem: lines[0], cure: lines.at(-2)?.trim(), end: lines.at(-1) };
}

const expected = ({ name, path, place, message, hint }: Broken, end: string) => ({
  name,
  code: 2,
  out: '',
  problem: `${path}:${place}: ${message}`,
  cure: `try: ${hint}`,
  end,
});

/** Runs a command on every file, some at a time. */
async function refusedBy(command: string, files: readonly Broken[]): Promise<void> {
  for (let from = 0; from < files.length; from += AT_ONCE) {
    const now = files.slice(from, from + AT_ONCE);
    const ended = await Promise.all(now.map(({ path }) => bed.hopline(command, path)));
    expect(ended.map((each, place) => refusalOf(each, now[place]!.name))).toEqual(
      now.map((each) => expected(each, `hopline: ${each.path}: there is a problem; nothing was changed`)),
    );
  }
}

describe(`${ROWS.length} broken definition files`, () => {
  beforeAll(() => bed.start());

  afterAll(async () => {
    await bed.close();
    rmSync(directory, { recursive: true });
  });

  it('are all refused by the control API, one like the other', async () => {
    await bed.unchanged(async () => {
      for (const { name, path, place, text, message, hint } of FILES) {
        const { status, text: body } = await bed.apply(text.replace(HERE, ''), path);
        const { code, problems } = JSON.parse(body) as { code: string; problems: string[] };
        const [first] = problems;
        expect({ name, status, code, count: problems.length }).toEqual({
          name,
          status: 422,
          code: 'refused',
          count: 1,
        });
        expect(first!.split('\n')[0]).toBe(`${path}:${place}: ${message}`);
        expect(first!.split('\n').at(-1)).toBe(`  try: ${hint}`);
      }
    });
  });

  it('end `hopline apply` with code 2, the place and the cure, while a controller runs', async () => {
    await bed.unchanged(() => refusedBy('apply', some(24)));
  });

  it('end `hopline check` and `hopline diff` likewise', async () => {
    await bed.unchanged(async () => {
      await refusedBy('check', some(8));
      await refusedBy('diff', some(4));
    });
  });

  it('end `hopline apply` likewise where no controller runs', async () => {
    await bed.controller.kill('SIGKILL');
    await bed.unchanged(() => refusedBy('apply', some(8)));
    await bed.unchanged(() => bed.start());
  });

  it('do not keep a controller from starting with what was applied before', async () => {
    await bed.controller.kill('SIGKILL');
    const { text, message } = FILES[0]!;
    writeFileSync(bed.controller.file, text.replace(HERE, ''));
    await bed.unchanged(() => bed.start());
    expect(bed.controller.log).toContain('definitions not applied; those in force stay');
    expect(bed.controller.log).toContain(JSON.stringify(message).slice(1, -1));
    writeFileSync(bed.controller.file, bed.definitions());
  });

  it('that are not there, or are no text, are refused too', async () => {
    await bed.unchanged(async () => {
      const missing = await bed.hopline('apply', join(directory, 'none.yaml'));
      expect(missing).toMatchObject({ code: 2, out: '' });
      expect(missing.err).toMatch(/^hopline: read .*none\.yaml: .*no such file.* \(is the path right\?\)\n$/);
      expect(await bed.hopline('apply', directory)).toMatchObject({ code: 2 });
      const binary = join(directory, 'binary.yaml');
      writeFileSync(binary, Buffer.from([0, 1, 2, 0xff, 0xfe, 10, 0x80]));
      const refused = await bed.hopline('apply', binary);
      expect(refused).toMatchObject({ code: 2 });
      expect(refused.err).toContain(`${binary}:1:`);
      expect(refused.err).toContain('try: ');
    });
  });
});
