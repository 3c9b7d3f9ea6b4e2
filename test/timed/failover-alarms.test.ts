import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { busy, eventLine, flapping, overloaded, watched } from './failover/alarms.ts';
import { pause } from './failover/controller.ts';
import { InlineBed } from './failover/inline-bed.ts';

/** Seconds; `make soak` does the same for minutes. */
const BUSY = 10;
const OVERLOADED = 12;
const FLAPPING = 12;
const FLAPPING_BACK = 6;

describe('two firewalls with default probes', () => {
  let bed: InlineBed;
  beforeAll(async () => {
    bed = new InlineBed();
    await bed.start();
  });
  beforeEach(() => bed.renew());
  afterAll(() => bed.close());

  test('raise no alarm while both CPUs are busy and traffic is at 80 % of what the device carries', async () => {
    const { alarms, sent } = await busy(bed, BUSY);
    expect(alarms.map(eventLine)).toEqual([]);
    expect(sent).toBeGreaterThan(BUSY * 100);
  });

  test('raise none while the rings of the device overflow', async () => {
    const { alarms, sent, lost } = await overloaded(bed, OVERLOADED);
    expect(alarms.map(eventLine)).toEqual([]);
    // It was one: frames were lost, and others came through.
    expect(lost).toBeGreaterThan(sent / 10);
    expect(lost).toBeLessThan(sent);
  });

  test('raise none when the controller is stopped for 5 s and goes on', async () => {
    const { alarms, lost } = await watched(bed, () =>
      bed.under(5000, async () => {
        process.kill(bed.controller.pid, 'SIGSTOP');
        await pause(5000);
        process.kill(bed.controller.pid, 'SIGCONT');
        await pause(1000);
      }),
    );
    expect({ alarms: alarms.map(eventLine), lost }).toEqual({ alarms: [], lost: 0 });
  });

  test('are left one time when one of them flaps', async () => {
    const { alarms } = await flapping(bed, FLAPPING);
    const moves = alarms.filter(({ what }) => what === 'move');
    expect(moves.map(({ from, to }) => `${from} -> ${to}`)).toEqual(['fw1 -> fw2']);
    expect(bed.controller.run('events')).toMatch(/firewalls.*fw1 -> fw2.*fw1 is down: through \(.*\): 3 in a row lost/);
  });

  test('carry everything when the controller is killed', async () => {
    await bed.controller.kill('SIGKILL');
    // The numbers of the overload went round: each would be the second of its kind.
    bed.traffic.forget();
    const first = bed.traffic.sequence;
    await bed.under(5000, () => pause(2000));
    await pause(100);
    expect(bed.traffic.sequence - first).toBeGreaterThan(1000);
    expect(bed.traffic.account(first, bed.traffic.sequence)).toEqual({ lost: 0, twice: 0 });
  });
});

describe('a firewall that is gone back to at once', () => {
  let bed: InlineBed;
  beforeAll(async () => {
    bed = new InlineBed({ health: '{comes_back: {after: 50ms}}', pool: 'fail_back: true' });
    await bed.start();
  });
  afterAll(() => bed.close());

  test('moves its pool at most 6 times when it flaps, and events say why no more', async () => {
    const { alarms } = await flapping(bed, FLAPPING_BACK, 'flapping');
    const moves = alarms.filter(({ what }) => what === 'move');
    expect(moves.length).toBeGreaterThan(1);
    expect(moves.length).toBeLessThanOrEqual(6);
    expect(bed.controller.run('events')).toMatch(/fw1.*flapping.*fell 3 times within 60 s: out until 60 s pass/);
  });
});
