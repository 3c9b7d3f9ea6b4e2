import { BpfError, type LoadedObject, type OpenOptions, openObject } from '../libbpf/index.ts';

const ATTEMPTS = 20;

/**
 * Opens and loads an object. The verifier gives up when a signal comes (EAGAIN): then once more.
 * @throws BpfError as OpenObject.load does.
 */
export function loadObject(path: string, options: OpenOptions): LoadedObject {
  for (let attempt = 1; ; attempt++) {
    try {
      return openObject(path, options).load();
    } catch (error) {
      const wasInterrupted = error instanceof BpfError && (error.code === 'EAGAIN' || error.code === 'EWOULDBLOCK');
      if (!wasInterrupted || attempt === ATTEMPTS) throw error;
    }
  }
}
