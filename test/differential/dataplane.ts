/** The loaded program as the comparison needs it: Hopline's own engine, its tables emptied of what frames left behind. */
import { Engine } from '../../src/dataplane/engine.ts';
import type { ProbeFrame } from '../../src/dataplane/probe/prober-types.ts';
import type { Fabric, NamePlan, Steps } from '../../src/plan/types.ts';
import type { Count } from '../../src/terms/count.ts';
import { COOKIE, SOURCE, SOURCE6 } from '../packets/probes.ts';
import type { Observed, SlotOf } from './compare.ts';
import { ROUNDS } from './probes.ts';

export interface Dataplane {
  /** The tables hold exactly this, and nothing is remembered of before. */
  apply(fabric: Fabric, steps: Steps): Promise<void>;
  /** Defined, and each sent {@link ROUNDS} times as far as the tables tell. */
  setProbes(probes: readonly ProbeFrame[]): void;
  testRun(frame: Uint8Array, ifindex: number): Observed;
  readonly slotOf: SlotOf;
  /** Packets and bytes of all steps, packets sent to all legs, and frames by name of the reason, since it was opened. */
  counted(): {
    readonly packets: number;
    readonly bytes: number;
    readonly sent: number;
    readonly reasons: ReadonlyMap<number, number>;
  };
  close(): Promise<void>;
}

/** Where an engine of one's own lives. */
export interface Home {
  readonly instance: string;
  readonly objectPath: string;
  /** NICs to attach to, and how; none for TEST_RUN only. */
  readonly attach?: {
    readonly nics: readonly { readonly name: string; readonly ifindex: number }[];
    readonly mode: 'native' | 'generic';
  };
}

export async function openDataplane({ instance, objectPath, attach }: Home): Promise<Dataplane> {
  const engine = await Engine.open({ instance, objectPath, drainMs: 0 });
  for (const nic of attach?.nics ?? []) {
    await engine.attach(nic, attach?.mode ?? 'native');
  }
  // Counts go with their names: all are kept, so that nothing counted is ever gone.
  const names = new Map<string, NamePlan>();
  return {
    async apply(fabric, steps) {
      for (const name of fabric.names) names.set(`${name.kind} ${name.id}`, name);
      await engine.sync({ ...fabric, names: [...names.values()] }, steps);
      await engine.settle();
      for (const { key } of [...engine.dump('fragments')]) {
        engine.delete('fragments', key);
      }
    },
    setProbes(probes) {
      engine.set('probing', 0, { cookie: COOKIE });
      engine.prober.define(probes, { v4: SOURCE, v6: SOURCE6 });
      for (const { id } of probes) engine.set('probe_states', id, { sent: ROUNDS });
    },
    testRun: (frame, ifindex) => engine.testRun(frame, ifindex),
    slotOf: (slot) => engine.get('slots', slot)?.value,
    counted() {
      const { steps, legs, verdicts } = engine.counters();
      const sum = (numbers: Iterable<Count>): number =>
        [...numbers].reduce<number>((total, one) => total + Number(one), 0);
      const reasons = new Map<number, number>();
      for (const { reason, packets } of verdicts) {
        reasons.set(reason, (reasons.get(reason) ?? 0) + Number(packets));
      }
      return {
        packets: sum(steps.packets),
        bytes: sum(steps.bytes),
        sent: sum(legs.map(({ packets }) => packets)),
        reasons,
      };
    },
    close: () => engine.destroy(),
  };
}
