import { join } from 'node:path';
import { BpfMap, RingBuffer } from '../libbpf/index.ts';
import { formatAddress } from '../terms/address.ts';
import { decode } from './codec/codec.ts';
import { Wanted } from './codec/layout.ts';
import { InstanceDirectory } from './instance-directory.ts';
import type { InspectOptions } from './types.ts';

/** A neighbour that a packet was routed to and the kernel did not know. */
export interface WantedNeighbour {
  readonly ifindex: number;
  readonly address: string;
}

/** Follows the `wanted` ring of an engine. Only one process should: each record is read once. */
export class WantedRing {
  readonly #directory: InstanceDirectory;
  readonly #receive: (wanted: WantedNeighbour) => void;
  #map: BpfMap | undefined;
  #ring: RingBuffer | undefined;

  constructor(
    { instance = 'default', pinRoot = '/sys/fs/bpf' }: InspectOptions,
    receive: (wanted: WantedNeighbour) => void,
  ) {
    this.#directory = new InstanceDirectory(pinRoot, instance);
    this.#receive = receive;
  }

  /** Begins, or goes on with the ring of larger tables when they took the place of the ones before. */
  follow(): void {
    if (!this.#directory.hasCurrent()) {
      this.stop();
      return;
    }
    const map = BpfMap.open(join(this.#directory.current, 'wanted'));
    if (map.id === this.#map?.id) {
      map.close();
      return;
    }
    this.stop();
    this.#map = map;
    this.#ring = new RingBuffer(map);
    this.#ring.start((record) => {
      const { ifindex, address } = decode(Wanted, record);
      this.#receive({ ifindex, address: formatAddress(new Uint32Array(address.slice().buffer)) });
    });
  }

  stop(): void {
    this.#ring?.stop();
    this.#map?.close();
    this.#ring = undefined;
    this.#map = undefined;
  }
}
