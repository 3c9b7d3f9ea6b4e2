import { existsSync, rmSync } from 'node:fs';
import { attachXdp, BpfError, type BpfErrorDetails, BpfLink, BpfProgram, xdpQuery } from '../libbpf/index.ts';
import type { InstanceDirectory } from './instance-directory.ts';
import type { AttachMode, Attachment, AttachReport, Nic } from './types.ts';

/** The program on NICs: pinned links, which outlive the controller and know their NIC when it is renamed. */
export class Links {
  readonly #directory: InstanceDirectory;
  /** By the number of a link, which never changes its mode: the kernel tells modes of all NICs at once only, 5 ms for 200. */
  readonly #modes = new Map<number, AttachMode>();

  constructor(directory: InstanceDirectory) {
    this.#directory = directory;
  }

  list(): Attachment[] {
    return this.#directory.linked().map((ifindex) => this.#look(ifindex));
  }

  /**
   * @throws BpfError where the NIC is gone, taken by somebody else's program, or refuses the mode.
   */
  attach(program: BpfProgram, nic: Nic, mode: AttachMode | 'auto'): AttachReport {
    const { ifindex } = nic;
    const current = this.#directory.linked().includes(ifindex) ? this.#look(ifindex) : undefined;
    if (current?.mode && (mode === 'auto' || mode === current.mode)) {
      return { nic, mode: current.mode, why: 'it was attached already', warnings: [], changed: false };
    }
    if (current) this.detach(ifindex);
    const { link, ...chosen } = this.#attachAs(program, nic, mode);
    try {
      link.pin(this.#directory.linkPath(ifindex));
    } finally {
      link.close();
    }
    return { nic, ...chosen, changed: true };
  }

  /** False where nothing was attached. */
  detach(ifindex: number): boolean {
    const path = this.#directory.linkPath(ifindex);
    if (!existsSync(path)) return false;
    this.#with(ifindex, (link) => {
      if (link.info().ifindex !== 0) link.detach();
    });
    rmSync(path);
    return true;
  }

  /** Every NIC gets another program between two packets; those that are gone are skipped. */
  async replace(program: BpfProgram): Promise<void> {
    for (const ifindex of this.#directory.linked()) {
      await this.#with(ifindex, async (link) => {
        const { programId, ifindex: attached } = link.info();
        if (attached !== 0 && programId !== program.id) await link.updateAsync(program);
      });
    }
  }

  #attachAs(program: BpfProgram, nic: Nic, mode: AttachMode | 'auto'): Chosen {
    try {
      return attachAs(program, nic, mode);
    } catch (error) {
      if (!(error instanceof BpfError) || error.code !== 'EBUSY') throw error;
      throw new BpfError('attach', `${program.label} to ${nic.name}`, 'EBUSY', this.#holderOf(nic));
    }
  }

  /** Whose program is there. */
  #holderOf({ ifindex, name }: Nic): BpfErrorDetails {
    const { programId } = xdpQuery(ifindex);
    if (programId === 0) return { cause: 'another XDP program was there a moment ago', hint: 'try again' };
    const holder = BpfProgram.byId(programId);
    const what = `program ${holder.name} (id ${programId})`;
    holder.close();
    for (const { instance, path } of this.#directory.othersLinked(ifindex)) {
      const link = BpfLink.open(path);
      const isIts = link.info().programId === programId;
      link.close();
      if (!isIts) continue;
      const hint = `hopline --instance ${instance} detach ${name}, or name another NIC`;
      return { cause: `instance ${instance} of Hopline is attached there: ${what}`, hint };
    }
    const hint = `whoever loaded it takes it off, as by ip link set ${name} xdp off; bpftool link shows who holds it`;
    return { cause: `another XDP program is attached there: ${what}`, hint };
  }

  #look(ifindex: number): Attachment {
    return this.#with(ifindex, (link) => {
      const { id, programId, ifindex: attached } = link.info();
      const mode = attached === ifindex ? (this.#modes.get(id) ?? modeOf(ifindex)) : undefined;
      if (mode !== undefined) this.#modes.set(id, mode);
      return { ifindex, mode, programId };
    });
  }

  #with<T>(ifindex: number, use: (link: BpfLink) => T): T {
    const link = BpfLink.open(this.#directory.linkPath(ifindex));
    const result = use(link);
    if (result instanceof Promise) return result.finally(() => link.close()) as T;
    link.close();
    return result;
  }
}

/** Undefined in another network namespace, or where the NIC is gone. */
function modeOf(ifindex: number): AttachMode | undefined {
  try {
    const { mode } = xdpQuery(ifindex);
    return mode === 'native' || mode === 'generic' ? mode : undefined;
  } catch (error) {
    if (error instanceof BpfError && error.code === 'ENODEV') return undefined;
    throw error;
  }
}

/** What a driver says that cannot run XDP itself, or not with this MTU. */
const REFUSALS = new Set(['EOPNOTSUPP', 'ERANGE', 'EINVAL', 'ENOTSUPP']);

const GENERIC_WARNING =
  'generic mode: every frame takes the way through the kernel first, some five times slower; segments merged by GRO that are longer than the MTU are dropped (ethtool -K NIC gro off lro off)';

type Chosen = { link: BpfLink } & Pick<AttachReport, 'mode' | 'why' | 'warnings'>;

function attachAs(program: BpfProgram, { ifindex, name }: Nic, mode: AttachMode | 'auto'): Chosen {
  if (mode !== 'auto') {
    const link = attachXdp(program, ifindex, mode, name);
    return { link, mode, why: 'asked for', warnings: mode === 'generic' ? [GENERIC_WARNING] : [] };
  }
  try {
    const link = attachXdp(program, ifindex, 'native', name);
    return { link, mode: 'native', why: 'the driver runs XDP itself', warnings: [] };
  } catch (error) {
    if (!(error instanceof BpfError) || !REFUSALS.has(error.code)) throw error;
    const link = attachXdp(program, ifindex, 'generic', name);
    return { link, mode: 'generic', why: `native was refused: ${error.message}`, warnings: [GENERIC_WARNING] };
  }
}
