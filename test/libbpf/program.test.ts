import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, describe, expect, test } from 'vitest';
import { attachXdp, BpfLink, BpfMap, BpfProgram, xdpFeatures, xdpQuery } from '../../src/libbpf/index.ts';
import { frame, loadSample, openDescriptors, ownNamespace, pinDirectory, refusal } from './sample.ts';

const nics = ownNamespace();
const loaded = loadSample();
const program = (): BpfProgram => loaded.program('constants');
const pins = pinDirectory();
afterAll(() => {
  loaded.close();
  pins.remove();
});

describe('a test run', () => {
  test('gives back what the program returned and made of the frame', () => {
    const run = loaded.program('rewrite').testRun({ data: frame(1, 2, 3) });
    expect(run.retval).toBe(3);
    expect(run.data).toHaveLength(68);
    expect([...run.data.subarray(0, 8)]).toEqual([0xaa, 1, 0, 0, 254, 2, 3, 0]);
    expect(run.ctx).toBeUndefined();
  });

  test('gives back metadata where the caller made room', () => {
    const data = new Uint8Array(32 + 64);
    data[0] = 8;
    const run = loaded.program('metadata').testRun({ data, ctx: { data: 32 } });
    expect(run.retval).toBe(2);
    expect([run.data[0], run.data[4], run.data.length]).toEqual([8, 9, 96]);
    expect(run.ctx).toEqual({ data: 32, dataEnd: 96, dataMeta: 0 });
    expect(loaded.program('metadata').testRun({ data: frame() }).retval).toBe(1);
  });

  test('comes from the interface that the caller names', () => {
    const own = attachXdp(loaded.program('constants'), nics.a, 'native');
    const run = loaded.program('rewrite').testRun({ data: frame(), ctx: { ingressIfindex: nics.a, rxQueue: 0 } });
    expect(run.data[1]).toBe(nics.a);
    own.close();
  });

  test('is repeated, and tells nanoseconds', async () => {
    const runs = loaded.variable('runs');
    const before = new DataView(runs.buffer, runs.byteOffset).getBigUint64(0, true);
    const run = await loaded.program('constants').testRunAsync({ data: frame(), repeat: 10_000 });
    expect(new DataView(runs.buffer, runs.byteOffset).getBigUint64(0, true) - before).toBe(10_000n);
    expect(run.retval).toBe(2);
    expect(run.durationNs).toBeGreaterThan(0);
  });

  test('runs a classifier too', () => {
    expect(loaded.program('classify').testRun({ data: frame() }).retval).toBe(64);
  });

  test('sends live frames: each is run and counted', async () => {
    const runs = loaded.variable('runs');
    const count = (): bigint => new DataView(runs.buffer, runs.byteOffset).getBigUint64(0, true);
    const before = count();
    const run = await loaded.program('constants').testRunAsync({ data: frame(), repeat: 100, live: true, batch: 16 });
    expect(count() - before).toBe(100n);
    expect(run.data).toHaveLength(0);
  });

  test('interrupted by signals begins again, and is complete in the end', async () => {
    const runs = loaded.variable('runs');
    const count = (): bigint => new DataView(runs.buffer, runs.byteOffset).getBigUint64(0, true);
    const ignore = (): void => {};
    process.on('SIGUSR2', ignore);
    const sender = spawn('sh', ['-c', `for i in 1 2 3 4 5 6 7 8 9 10; do kill -USR2 ${process.pid}; sleep 0.03; done`]);
    const closed = once(sender, 'close');
    const before = count();
    for (let i = 0; i < 5; i++) {
      expect(loaded.program('constants').testRun({ data: frame(), repeat: 2_000_000 }).retval).toBe(2);
    }
    await closed;
    process.off('SIGUSR2', ignore);
    expect(count() - before, 'no signal came in the middle of a run').toBeGreaterThan(10_000_000n);
  });

  test('takes frames of every size the kernel does, one after the other', () => {
    for (const length of [14, 60, 1500, 3000, 64]) {
      const run = loaded.program('rewrite').testRun({ data: new Uint8Array(length).fill(1) });
      expect(run.data).toHaveLength(length + 4);
      expect(run.data[length + 3]).toBe(length === 1 ? 254 : 1);
    }
  });

  test.each([
    ['a frame shorter than its header', { data: new Uint8Array(13) }],
    ['a context that does not end with the data', { data: frame(), ctx: { dataEnd: 65 } }],
    ['an interface that is not there', { data: frame(), ctx: { ingressIfindex: 9999 } }],
  ])('of %s is refused', async (_, run) => {
    const before = openDescriptors();
    const error = refusal(() => loaded.program('constants').testRun(run));
    expect(error.operation).toBe('test');
    expect(error.hint).toBeDefined();
    await expect(loaded.program('constants').testRunAsync(run)).rejects.toThrow(error.message);
    expect(openDescriptors()).toBe(before);
  });
});

describe('a link', () => {
  test.each(['native', 'generic'] as const)('attaches in %s mode, replaces, and detaches', async (mode) => {
    const link = attachXdp(loaded.program('constants'), nics.a, mode);
    expect(xdpQuery(nics.a)).toEqual({ programId: loaded.program('constants').id, mode });
    expect(link.info()).toMatchObject({ ifindex: nics.a, programId: loaded.program('constants').id });
    await link.updateAsync(loaded.program('rewrite'));
    expect(xdpQuery(nics.a).programId).toBe(loaded.program('rewrite').id);
    link.update(loaded.program('constants'));
    expect(link.info().programId).toBe(loaded.program('constants').id);
    link.detach();
    expect(xdpQuery(nics.a)).toEqual({ programId: 0, mode: 'none' });
    expect(link.info().ifindex).toBe(0);
    link.close();
  });

  test('lasts beyond its descriptor where it is pinned, and is opened again', () => {
    const path = `${pins.path}/link`;
    const link = attachXdp(loaded.program('constants'), nics.b, 'native');
    link.pin(path);
    link.close();
    expect(xdpQuery(nics.b).mode).toBe('native');
    const again = BpfLink.open(path);
    expect(again.info().ifindex).toBe(nics.b);
    again.detach();
    again.close();
    again.close();
    expect(refusal(() => again.detach()).code).toBe('EBADF');
  });

  test('is refused where another is, where no interface is, and for a program of another type', () => {
    const link = attachXdp(loaded.program('constants'), nics.a, 'native');
    const before = openDescriptors();
    const busy = refusal(() => attachXdp(loaded.program('constants'), nics.a, 'native'));
    expect([busy.code, busy.hint]).toEqual(['EBUSY', expect.stringMatching(/another XDP program is attached/)]);
    expect(refusal(() => attachXdp(loaded.program('constants'), 9999, 'native')).message).toMatch(/no such interface/);
    expect(refusal(() => attachXdp(loaded.program('classify'), nics.b, 'native')).code).toBe('EINVAL');
    expect(refusal(() => link.update(loaded.program('classify'))).code).toBe('EINVAL');
    expect(xdpQuery(9999)).toEqual({ programId: 0, mode: 'none' });
    expect(openDescriptors()).toBe(before);
    link.close();
  });

  test.each([
    [
      'natively where the driver cannot',
      () => attachXdp(program(), nics.bridge, 'native'),
      'EOPNOTSUPP',
      /use mode 'generic'/,
    ],
    ['natively where the MTU is too large', () => attachXdp(program(), nics.jumbo, 'native'), 'ERANGE', /xdp.frags/],
  ])('is refused %s, with what to try', (_, call, code, hint) => {
    const error = refusal(call);
    expect([error.code, error.hint]).toEqual([code, expect.stringMatching(hint)]);
  });

  test('of a program that is closed is refused', () => {
    const other = loadSample();
    const program = other.program('constants');
    other.close();
    expect(refusal(() => attachXdp(program, nics.a, 'native')).code).toBe('EBADF');
  });
});

describe('a program', () => {
  test('is pinned, opened again and runs', () => {
    loaded.program('constants').pin(`${pins.path}/program`);
    const program = BpfProgram.openPinned(`${pins.path}/program`);
    expect([program.id, program.tag]).toEqual([loaded.program('constants').id, loaded.program('constants').tag]);
    expect(program.testRun({ data: frame() }).retval).toBe(2);
    program.close();
    program.close();
    expect(refusal(() => program.testRun({ data: frame() })).code).toBe('EBADF');
    expect(refusal(() => BpfMap.open(`${pins.path}/program`)).message).toMatch(/it is no map but .*prog/);
  });

  test('is found by its number', () => {
    const program = BpfProgram.byId(loaded.program('rewrite').id);
    expect(program.name).toBe('rewrite');
    program.close();
    expect(refusal(() => BpfProgram.byId(0x7fff_ffff)).code).toBe('ENOENT');
  });

  test('tells how long it ran, once that is counted', () => {
    expect(loaded.program('rewrite').statistics().runs).toBeTypeOf('bigint');
  });
});

describe('the features of an interface', () => {
  test('say whether frames can be redirected there: a veth whose peer runs NAPI', () => {
    expect(xdpFeatures(nics.b)).toContain('basic');
    expect(xdpFeatures(nics.b)).not.toContain('transmit');
    const peer = attachXdp(loaded.program('constants'), nics.a, 'native');
    expect(xdpFeatures(nics.b)).toContain('transmit');
    peer.close();
    expect(xdpFeatures(nics.b)).not.toContain('transmit');
  });

  test('of one that is not there are refused', () => {
    const before = openDescriptors();
    expect(refusal(() => xdpFeatures(9999)).code).toBe('ENODEV');
    expect(openDescriptors()).toBe(before);
  });
});
