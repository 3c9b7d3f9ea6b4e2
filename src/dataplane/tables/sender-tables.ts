import type { Fabric } from '../../plan/types.ts';
import { INTERFACE, ORIGIN } from '../codec/field-words.ts';
import { type InterfaceTable, sendersOf } from './interface-table.ts';
import type { OriginTable } from './origin-table.ts';
import {
  interfaceNumberOf,
  layOutSenders,
  type SenderImage,
  type SenderLayout,
  senderImage,
  senderKey,
} from './sender.ts';
import { type Tally, tallyStores } from './tally.ts';

/** Who may hand us frames: interface entries and `origins` together, so that every sender is found at every moment. */
export class SenderTables {
  readonly #interfaces: InterfaceTable;
  readonly #origins: OriginTable;
  readonly #grace: () => Promise<void>;
  /** Somebody kept a leg or segment that {@link turn} changes. */
  #mustTurn = false;

  constructor(interfaces: InterfaceTable, origins: OriginTable, grace: () => Promise<void>) {
    this.#interfaces = interfaces;
    this.#origins = origins;
    this.#grace = grace;
  }

  /**
   * What is new is there afterwards; what is old still is, and nobody's lookups have become fewer. Who had another leg or
   * segment keeps it until {@link turn}: steps of the new one need not be there yet.
   */
  async widen(fabric: Fabric, tally: Tally): Promise<void> {
    this.#mustTurn = false;
    await this.#publish(this.#united(fabric, true), tally);
  }

  /** After the steps: everybody has the leg or segment asked for. */
  async turn(fabric: Fabric, tally: Tally): Promise<void> {
    if (this.#mustTurn) await this.#publish(this.#united(fabric, false), tally);
    this.#mustTurn = false;
  }

  /** Exactly what the fabric says. */
  async narrow(fabric: Fabric, tally: Tally): Promise<void> {
    const layout = layOutSenders(fabric.interfaces, fabric.origins.map(senderImage));
    await this.#publish(layout, tally);
    const gone = this.#interfaces.keep(new Set(fabric.interfaces.map(({ ifindex }) => ifindex)));
    if (gone > 0) tallyStores(tally, gone);
    // A program that still reads an old entry must find in the table what that one had no room for.
    await this.#grace();
    const removed = this.#origins.keep(new Set(layout.table.map(senderKey)));
    if (removed > 0) {
      tallyStores(tally, removed);
      await this.#grace();
    }
    this.#release();
  }

  /** How many senders and NICs are there beside these, all of which are. */
  unneeded(fabric: Fabric): number {
    const { interfaces, table } = layOutSenders(fabric.interfaces, fabric.origins.map(senderImage));
    const own = interfaces.reduce((sum, { image }) => sum + sendersOf(image).length, 0);
    return this.#interfaces.used + [...this.#read()].length - interfaces.length - own - table.length;
  }

  /** What the fabric says together with what is in the tables. */
  #united(fabric: Fabric, keepsLegs: boolean): SenderLayout {
    const senders = new Map(fabric.origins.map(senderImage).map((image) => [senderKey(image), image]));
    const numbers = new Set(fabric.interfaces.map(({ number }) => number));
    for (const old of this.#read()) {
      const image = senders.get(senderKey(old));
      if (image) {
        image[ORIGIN.LOOKUPS]! |= old[ORIGIN.LOOKUPS]!;
        this.#mustTurn ||= image[ORIGIN.LEG] !== old[ORIGIN.LEG];
        if (keepsLegs) image[ORIGIN.LEG] = old[ORIGIN.LEG]!;
      } else if (numbers.has(interfaceNumberOf(old))) senders.set(senderKey(old), old);
    }
    const interfaces = fabric.interfaces.map((plan) => {
      const old = this.#interfaces.entry(plan.ifindex);
      if (!old || old[INTERFACE.SEGMENT] === 0) return plan;
      this.#mustTurn ||= plan.segment !== old[INTERFACE.SEGMENT];
      const segment = keepsLegs || plan.segment === 0 ? old[INTERFACE.SEGMENT]! : plan.segment;
      return { ...plan, segment, segmentLookups: plan.segmentLookups | old[INTERFACE.SEGMENT_LOOKUPS]! };
    });
    return layOutSenders(interfaces, senders.values());
  }

  /** `origins` first: an entry that lost a sender to it points nowhere for no moment. */
  async #publish({ interfaces, table }: SenderLayout, tally: Tally): Promise<void> {
    for (const image of table) {
      const stores = this.#origins.put(image);
      if (stores > 0) tallyStores(tally, stores);
    }
    for (const { image } of interfaces) {
      let stores = this.#interfaces.put(image);
      if (stores === undefined) {
        await this.#grace();
        this.#interfaces.release();
        stores = this.#interfaces.put(image) ?? 0;
      }
      if (stores > 0) tallyStores(tally, stores);
    }
  }

  #release(): void {
    this.#interfaces.release();
    this.#origins.release();
  }

  *#read(): Generator<SenderImage> {
    for (const entry of this.#interfaces.read()) yield* sendersOf(entry);
    yield* this.#origins.read();
  }
}
