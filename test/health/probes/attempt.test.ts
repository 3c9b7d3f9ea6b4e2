import { describe, expect, test } from 'vitest';
import { attempt } from '../../../src/health/probes/attempt.ts';
import { checkContent, codeIsOneOf } from '../../../src/health/probes/content.ts';
import { ProbeFailure } from '../../../src/health/probes/failure.ts';

const TARGET = { address: '192.0.2.1', timeoutMs: 50 };
const never = (): Promise<string> => new Promise(() => undefined);

describe('attempt', () => {
  test('keeps the time that the answer took', async () => {
    const result = await attempt({ ...TARGET, timeoutMs: 5_000 }, async () => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      return 'well';
    });
    expect(result).toMatchObject({ ok: true, detail: 'well' });
    expect(result.milliseconds).toBeGreaterThan(28);
    expect(result.milliseconds).toBeLessThan(5_000);
  });

  test('ends at the time limit, and says what it waited for', async () => {
    const result = await attempt(TARGET, (held) => {
      held.stage = 'waiting for the greeting';
      return never();
    });
    expect(result).toMatchObject({ ok: false, detail: 'waiting for the greeting: no answer in 50 ms' });
    expect(result.milliseconds).toBeLessThan(60 + result.lateMs!);
  });

  test('says how late the limit struck when this process was held up', async () => {
    const running = attempt(TARGET, never);
    const end = performance.now() + 250;
    while (performance.now() < end);
    expect((await running).lateMs).toBeGreaterThan(150);
  });

  test('takes an answer that came while this process was held up', async () => {
    const { port1, port2 } = new MessageChannel();
    const running = attempt(TARGET, () => new Promise((resolve) => port1.on('message', resolve)));
    port2.postMessage('well');
    const end = performance.now() + 150;
    while (performance.now() < end);
    expect(await running).toMatchObject({ ok: true, detail: 'well' });
    port1.close();
  });

  test('ends when the caller gives up, before or during', async () => {
    const during = new AbortController();
    const running = attempt({ ...TARGET, timeoutMs: 60_000, signal: during.signal }, never);
    during.abort();
    expect(await running).toMatchObject({ ok: false, detail: 'starting: given up' });
    expect(await attempt({ ...TARGET, signal: AbortSignal.abort() }, never)).toMatchObject({ ok: false });
  });

  test('gives back in reverse order, also what is opened after the end', async () => {
    const order: string[] = [];
    let late: () => void = () => undefined;
    await attempt(TARGET, (held) => {
      held.defer(() => order.push('connection'));
      held.defer(() => order.push('session'));
      late = () => held.defer(() => order.push('late'));
      return Promise.reject(new ProbeFailure('wrong'));
    });
    late();
    expect(order).toEqual(['session', 'connection', 'late']);
  });
});

describe('content', () => {
  test.each([
    ['contains', { contains: 'b' }, 'abc', undefined],
    ['does not contain', { contains: 'x' }, 'abc', /does not contain "x": "abc"/],
    ['matches, by line', { matches: '^b$' }, 'a\nb\nc', undefined],
    ['does not match', { matches: '^b$' }, 'abc', /does not match/],
    ['needs both', { contains: 'a', matches: 'x' }, 'abc', /does not match/],
    ['nothing asked', undefined, '', undefined],
  ])('%s', (_, content, text, problem) => {
    const check = (): void => checkContent('it', text, content);
    if (problem === undefined) expect(check).not.toThrow();
    else expect(check).toThrow(problem);
  });

  test.each([
    [200, ['200'], true],
    [204, ['2xx'], true],
    [301, ['2xx'], false],
    [301, ['200-399'], true],
    [400, ['200-399', '404'], false],
  ])('code %i is one of %j: %s', (code, wanted, is) => {
    expect(codeIsOneOf(code, wanted)).toBe(is);
  });
});
