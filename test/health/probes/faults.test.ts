import { beforeAll, describe, expect, test } from 'vitest';
import type { ProbeResult } from '../../../src/health/probes/index.ts';
import { SLOW } from './fault-proxy.ts';
import { inside } from './inside.ts';
import { rows } from './rows.ts';

type Line = ProbeResult & { readonly name: string; readonly left: number };

describe('probes of servers', () => {
  const results = new Map<string, Line>();

  beforeAll(async () => {
    for (const line of await inside<Line>('faults-runner.ts')) results.set(line.name, line);
  }, 120_000);

  describe.each(rows)('$name', ({ name, detail, wrong, udp }) => {
    test('is content with a server that is well', () => {
      expect(results.get(`${name}: none`)).toMatchObject({ ok: true, detail: expect.stringMatching(detail) });
    });

    test('waits for a slow one, and says how slow', () => {
      const result = results.get(`${name}: slow`)!;
      expect(result).toMatchObject({ ok: true, detail: expect.stringMatching(detail) });
      expect(result.milliseconds).toBeGreaterThan(SLOW - 2);
    });

    /** How late the limit may strike is the machine's affair; what comes after it is ours. */
    const inTime = (result: Line): boolean => result.milliseconds < 250 + (result.lateMs ?? 0) + 50;

    test('gives a silent one up at the time limit', () => {
      const result = results.get(`${name}: silent`)!;
      expect(result).toMatchObject({ ok: false, detail: expect.stringMatching(/: no answer in 250 ms$/) });
      expect(result).toSatisfy(inTime);
    });

    test.each(['garbage', 'cut'])('takes no answer that is %s', (fault) => {
      const result = results.get(`${name}: ${fault}`)!;
      expect(result.ok).toBe(false);
      expect(result).toSatisfy(inTime);
    });

    test('says that a port is closed', () => {
      const said = udp && name.startsWith('snmp') ? /no answer/ : /connection refused$/;
      expect(results.get(`${name}: refused`)).toMatchObject({ ok: false, detail: expect.stringMatching(said) });
    });

    test.each(wrong.map(([, words], index) => ({ words, index })))('says what is wrong: $words', ({ words, index }) => {
      const result = results.get(`${name}: wrong ${index}`);
      expect(result).toMatchObject({ ok: false, detail: expect.stringMatching(words) });
    });

    test('leaves no descriptor behind', () => {
      const left = [...results.values()].filter((result) => result.name.startsWith(`${name}: `) && result.left !== 0);
      expect(left).toEqual([]);
    });
  });
});
