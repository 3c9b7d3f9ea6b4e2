import { BpfError, type BpfMap, type BpfProgram } from '../../libbpf/index.ts';
import type { InterfacePlan } from '../../plan/types.ts';
import { Limit } from '../../terms/constants.ts';
import { type Tally, tallyCalls } from './tally.ts';

/** `struct bpf_devmap_val`: written with a program's descriptor (0: none), read with its number. */
export function devmapValue(ifindex: number, programFd: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(ifindex, programFd).buffer);
}

const keyOf = (number: number): Uint8Array => new Uint8Array(Uint32Array.of(number).buffer);

/** The `transmit` devmap: which NIC a number is, and whether the egress program runs there. */
export class TransmitTable {
  readonly #map: BpfMap;

  constructor(map: BpfMap) {
    this.#map = map;
  }

  get(number: number): { ifindex: number; programId: number } | undefined {
    const value = this.#map.lookup(keyOf(number));
    if (!value) return undefined;
    const [ifindex, programId] = new Uint32Array(value.buffer);
    return ifindex ? { ifindex, programId: programId! } : undefined;
  }

  /**
   * Interfaces get their entry and, where copies leave, the egress program; none loses it.
   * @throws RangeError where a NIC is gone.
   */
  widen(plans: readonly InterfacePlan[], egress: BpfProgram, tally: Tally): void {
    for (const plan of plans) {
      const now = this.get(plan.number);
      if (now?.ifindex === plan.ifindex && (now.programId !== 0 || !plan.egress)) continue;
      this.#put(plan, egress, tally);
    }
  }

  /** Exactly what is asked for, with this egress program. */
  narrow(plans: readonly InterfacePlan[], egress: BpfProgram, tally: Tally): void {
    const numbers = new Map(plans.map((plan) => [plan.number, plan]));
    for (let number = 0; number < Limit.MAX_INTERFACES; number++) {
      const plan = numbers.get(number);
      const now = this.get(number);
      if (now && !plan) {
        this.#map.delete(keyOf(number));
        tallyCalls(tally, 1);
      }
      if (plan && (now?.ifindex !== plan.ifindex || now.programId !== (plan.egress ? egress.id : 0))) {
        this.#put(plan, egress, tally);
      }
    }
  }

  /** After the egress program was replaced: the new one runs where the old one did. */
  refresh(egress: BpfProgram): void {
    for (let number = 0; number < Limit.MAX_INTERFACES; number++) {
      const now = this.get(number);
      if (now && now.programId !== 0) this.#map.update(keyOf(number), devmapValue(now.ifindex, egress.fd));
    }
  }

  #put(plan: InterfacePlan, egress: BpfProgram, tally: Tally): void {
    try {
      this.#map.update(keyOf(plan.number), devmapValue(plan.ifindex, plan.egress ? egress.fd : 0));
    } catch (error) {
      // What a devmap says where there is no such NIC in this network namespace.
      if (!(error instanceof BpfError) || error.code !== 'EINVAL') throw error;
      throw new RangeError(
        `publish interface ${plan.nic}: there is no NIC with ifindex ${plan.ifindex} (it is gone: look at the NICs again)`,
      );
    }
    tallyCalls(tally, 1);
  }
}
