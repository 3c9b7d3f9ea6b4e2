import { existsSync } from 'node:fs';
import { Failure } from '../../api-types/failure.ts';
import { Engine } from '../../dataplane/engine.ts';
import { checkPinRoot } from '../../dataplane/pin-root.ts';
import { inspect } from '../../dataplane/reader.ts';
import type { Inspector, Logger, Writer } from '../../dataplane/types.ts';
import { explain } from '../../views/explain-error.ts';
import type { Instance } from '../state/instance.ts';
import { requireMachine } from './machine.ts';

/** The engine of an instance: opened for reading or for writing when somebody first needs it. */
export class EngineAccess {
  readonly #instance: Instance;
  readonly #logger: Logger | undefined;
  #writer: Writer | undefined;
  #reader: Inspector | undefined;

  constructor(instance: Instance, logger?: Logger) {
    this.#instance = instance;
    this.#logger = logger;
  }

  /** For reading; needs no lock. Undefined where nothing is loaded. */
  reader(): Inspector | undefined {
    if (this.#writer !== undefined) return this.#writer;
    const { name, pinRoot } = this.#instance;
    requireMachine();
    explained(() => checkPinRoot(pinRoot));
    if (this.#reader === undefined && existsSync(`${pinRoot}/hopline/${name}/current`)) {
      this.#reader = explained(() => inspect({ instance: name, pinRoot }));
    }
    return this.#reader;
  }

  /** For writing: takes the lock, loads the programs where nothing is loaded yet. */
  async writer(): Promise<Writer> {
    if (this.#writer !== undefined) return this.#writer;
    requireMachine();
    const { name, pinRoot, runDir, object, limits } = this.#instance;
    const logger = this.#logger === undefined ? {} : { logger: this.#logger };
    const options = { instance: name, pinRoot, runDirectory: runDir, objectPath: object, limits, ...logger };
    const writer = await Engine.open(options).catch((error: unknown) => {
      const isLocked = error instanceof Error && (error as NodeJS.ErrnoException).code === 'EBUSY';
      throw isLocked ? new Failure('locked', error.message, [], { cause: error }) : explain(error);
    });
    await this.#reader?.close();
    this.#reader = undefined;
    this.#writer = writer;
    return writer;
  }

  /** False where nothing is loaded, or the programs are those of the object file (that of this version, if no other is named) already. */
  async upgrade(object = this.#instance.object): Promise<boolean> {
    if (this.reader() === undefined) return false;
    const writer = await this.writer();
    return writer.upgrade(object).catch((error: unknown) => {
      throw explain(error);
    });
  }

  /** The writer destroyed the engine: the next use opens a new one. */
  forget(): void {
    this.#writer = undefined;
    this.#reader = undefined;
  }

  /** Resolves when everything that was removed is gone from the tables, too. */
  async settle(): Promise<void> {
    await this.#writer?.settle();
  }

  async close(): Promise<void> {
    await this.#reader?.close();
    await this.#writer?.close();
    this.forget();
  }
}

function explained<Result>(open: () => Result): Result {
  try {
    return open();
  } catch (error) {
    throw explain(error);
  }
}
