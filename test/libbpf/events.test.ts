import { setTimeout } from 'node:timers/promises';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { membarrier, openObject, RingBuffer, setPrintCallback } from '../../src/libbpf/index.ts';
import { compiled, frame, loadSample, openDescriptors, refusal } from './sample.ts';

const loaded = loadSample();
afterAll(() => loaded.close());

describe('a ring buffer', () => {
  test('hands every record over, in order', async () => {
    const ring = new RingBuffer(loaded.map('ring'));
    const records: number[] = [];
    ring.start((record) => records.push(new Uint32Array(record.buffer)[0]!));
    for (let i = 0; i < 100; i++) expect(loaded.program('emit').testRun({ data: frame() }).retval).toBe(0);
    await vi.waitFor(() => expect(records).toHaveLength(100), 5000);
    expect(records).toEqual(Array.from({ length: 100 }, (_, i) => i));
    ring.stop();
  });

  test('hands nothing over once stopped, and starts again', async () => {
    const ring = new RingBuffer(loaded.map('ring'));
    const received = vi.fn();
    ring.start(received);
    expect(refusal(() => ring.start(received)).code).toBe('EBUSY');
    ring.stop();
    ring.stop();
    loaded.program('emit').testRun({ data: frame() });
    await setTimeout(30);
    expect(received).not.toHaveBeenCalled();
    ring.start(received);
    loaded.program('emit').testRun({ data: frame() });
    await vi.waitFor(() => expect(received).toHaveBeenCalledTimes(2), 5000);
    ring.stop();
  });

  test('may be stopped by who receives', async () => {
    const ring = new RingBuffer(loaded.map('ring'));
    const received = vi.fn(() => ring.stop());
    ring.start(received);
    loaded.program('emit').testRun({ data: frame() });
    await vi.waitFor(() => expect(received).toHaveBeenCalled(), 5000);
    await setTimeout(20);
    expect(received).toHaveBeenCalledTimes(1);
  });

  test('leaks no descriptor', () => {
    const before = openDescriptors();
    for (let i = 0; i < 20; i++) {
      const ring = new RingBuffer(loaded.map('ring'));
      ring.start(() => {});
      ring.stop();
    }
    expect(openDescriptors()).toBe(before);
  });

  test('is refused for a map that is none', () => {
    expect(refusal(() => new RingBuffer(loaded.map('hash'))).message).toMatch(/is a hash and no ringbuf/);
  });
});

test('a grace period passes without blocking the event loop', async () => {
  let isOver = false;
  const over = membarrier().then(() => {
    isOver = true;
  });
  // What was waited for in this turn of the event loop would be over before the next one.
  for (let i = 0; i < 100; i++) await Promise.resolve();
  expect(isOver).toBe(false);
  await over;
});

test('what libbpf says goes to the callback, and nowhere without one', () => {
  const said: string[] = [];
  setPrintCallback((level, text) => said.push(`${level}: ${text}`));
  openObject(compiled('sample')).close();
  setPrintCallback(undefined);
  expect(said.some((line) => /^debug: libbpf: .*sample/.test(line))).toBe(true);
  const before = said.length;
  openObject(compiled('sample')).close();
  expect(said).toHaveLength(before);
});
