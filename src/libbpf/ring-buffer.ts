import koffi from 'koffi';
import { BpfError, checked } from './errors.ts';
import type { BpfMap } from './map.ts';
import { lastErrno, viewOf } from './memory.ts';
import { bpf, type Pointer } from './signatures.ts';

type RecordCallback = (context: Pointer | null, data: Pointer, size: number | bigint) => number;

/** What libbpf calls for each record. */
const callbackType = koffi.pointer(koffi.proto('int', ['void *', 'void *', 'size_t']));

interface Running {
  readonly ring: Pointer;
  readonly callback: Pointer;
  readonly poll: ReturnType<typeof koffi.node.poll>;
}

/**
 * Records that BPF programs write into a map of type ringbuf, handed to JavaScript by the event loop as they come.
 * A running one keeps the process alive, and must be stopped before its map is closed.
 */
export class RingBuffer {
  readonly #map: BpfMap;
  #running: Running | undefined;

  constructor(map: BpfMap) {
    if (map.type !== 'ringbuf') {
      throw new BpfError('read records of', map.label, 'EINVAL', { cause: `it is a ${map.type} and no ringbuf` });
    }
    this.#map = map;
  }

  /**
   * Calls `receive` with a copy of each record. What it throws goes to the process's uncaughtException, after the
   * records that came with that one.
   */
  start(receive: (record: Uint8Array) => void): void {
    if (this.#running)
      throw new BpfError('start', `ring ${this.#map.name}`, 'EBUSY', { cause: 'it is started already' });
    const records: Uint8Array[] = [];
    const collect: RecordCallback = (_, data, size) => {
      records.push(viewOf(data, Number(size)).slice());
      return 0;
    };
    const callback = koffi.register(collect, callbackType);
    const ring = bpf().ring_buffer__new(this.#map.fd, callback, null, null);
    if (ring === null) {
      const errno = lastErrno();
      koffi.unregister(callback);
      throw new BpfError('start', `ring ${this.#map.name}`, errno);
    }
    const poll = koffi.node.poll(bpf().ring_buffer__epoll_fd(ring), () => {
      checked('read records of', this.#map.label, bpf().ring_buffer__consume(ring));
      deliver(records.splice(0), receive);
    });
    this.#running = { ring, callback, poll };
  }

  /** Harmless when stopped already. */
  stop(): void {
    const running = this.#running;
    if (!running) return;
    this.#running = undefined;
    running.poll.close();
    bpf().ring_buffer__free(running.ring);
    koffi.unregister(running.callback);
  }
}

function deliver(records: readonly Uint8Array[], receive: (record: Uint8Array) => void): void {
  const errors: unknown[] = [];
  for (const record of records) {
    try {
      receive(record);
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}
