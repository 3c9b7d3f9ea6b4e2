import type { Fabric } from '../../plan/types.ts';
import { CopyTables } from './copy-tables.ts';
import { forgetCounts } from './forget.ts';
import { InterfaceTable } from './interface-table.ts';
import { LegTable } from './leg-table.ts';
import { NameTable } from './name-table.ts';
import { OriginTable } from './origin-table.ts';
import { SenderTables } from './sender-tables.ts';
import type { TableSet } from './table-set.ts';
import type { Tally } from './tally.ts';
import { TransmitTable } from './transmit-table.ts';
import { AddressTable, PoolTable } from './word-tables.ts';

/** Every table but the steps: what the steps point at. */
export class FabricTables {
  readonly legs: LegTable;
  readonly pools: PoolTable;
  readonly addresses: AddressTable;
  readonly names: NameTable;
  readonly interfaces: InterfaceTable;
  readonly origins: OriginTable;
  readonly transmit: TransmitTable;
  readonly copies: CopyTables;
  readonly #senders: SenderTables;
  readonly #set: TableSet;
  readonly #grace: () => Promise<void>;

  /** @param grace resolves when no program holds what it read before. @param before with the same content. */
  constructor(set: TableSet, grace: () => Promise<void>, before?: FabricTables) {
    this.#set = set;
    this.#grace = grace;
    this.legs = new LegTable(set.memory('legs'), set.cpus, set.legsMax, grace);
    this.pools = new PoolTable(set.memory('pools'), set.map('pools').maxEntries);
    this.addresses = new AddressTable(set.memory('addresses'), set.map('addresses').maxEntries);
    this.names = new NameTable(set.map('names'), before?.names);
    this.interfaces = new InterfaceTable(set.memory('interface_index'), set.memory('interfaces'));
    this.origins = new OriginTable(set.memory('origins'), set.map('origins').maxEntries);
    this.transmit = new TransmitTable(set.map('transmit'));
    this.copies = new CopyTables(set.map('groups'), set.map('copies'), this.transmit);
    this.#senders = new SenderTables(this.interfaces, this.origins, grace);
  }

  /** Whether everything has room. @throws CapacityError, RangeError; nothing is changed. */
  check(fabric: Fabric): void {
    this.legs.check(fabric.legs);
    this.pools.check(fabric.pools);
    this.addresses.check(fabric.rewrites);
    this.names.check(fabric.names);
    this.interfaces.check(fabric.interfaces);
    this.copies.check(fabric.copysets);
  }

  /**
   * First of all: NICs can be sent to, and the egress program is there before a group sends anything its way.
   * @throws RangeError where a NIC is gone.
   */
  async connect(fabric: Fabric, tally: Tally): Promise<void> {
    const before = tally.syscalls;
    this.transmit.widen(fabric.interfaces, this.#set.egress, tally);
    if (tally.syscalls > before) await this.#grace();
  }

  /**
   * Before steps that need it: everything new is there, everything old still is. Who hands us frames comes before where
   * they are sent: what goes to a new MAC comes back from it.
   * @param stored pools that keep what they have, be it nobody.
   */
  async widen(fabric: Fabric, stored: ReadonlySet<number>, tally: Tally): Promise<void> {
    await this.#senders.widen(fabric, tally);
    await this.legs.widen(fabric.legs, tally);
    this.pools.add(
      fabric.pools.filter(({ pool }) => !stored.has(pool)),
      tally,
    );
    this.addresses.widen(fabric.rewrites, tally);
    this.copies.widen(fabric.copysets, this.#set.egress, tally);
    this.names.widen(fabric.names, tally);
  }

  /** After the steps: pools turn to members that have theirs now, and senders to the legs they have now. */
  async turn(fabric: Fabric, stored: ReadonlySet<number>, tally: Tally): Promise<void> {
    await this.#senders.turn(fabric, tally);
    this.pools.turn(
      fabric.pools.filter(({ pool }) => !stored.has(pool)),
      tally,
    );
  }

  /** By table: entries that this fabric, all of which is there, does not need. */
  unneeded(fabric: Fabric): Readonly<Record<string, number>> {
    return {
      senders: this.#senders.unneeded(fabric),
      copies: this.copies.unneeded(fabric.copysets),
      legs: this.legs.unneeded(fabric.legs),
      pools: this.pools.unneeded(fabric.pools),
      addresses: this.addresses.unneeded(fabric.rewrites),
      names: this.names.unneeded(fabric.names),
    };
  }

  /** When no step needs it any more: exactly what is asked for, nothing else. */
  async narrow(fabric: Fabric, tally: Tally): Promise<void> {
    await this.#senders.narrow(fabric, tally);
    this.copies.narrow(fabric.copysets, tally);
    this.legs.narrow(fabric.legs, tally);
    this.pools.narrow(fabric.pools, tally);
    this.addresses.narrow(fabric.rewrites, tally);
    const gone = this.names.gone(fabric.names);
    this.names.remove(gone, await forgetCounts(this.#set, gone, fabric), tally);
    this.transmit.narrow(fabric.interfaces, this.#set.egress, tally);
  }
}
