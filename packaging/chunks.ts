import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { Script } from 'node:vm';

type Wrapped = (exports: object, require: (name: string) => unknown, module: { exports: object }) => void;

/** Beside each chunk lies what V8 made of it; another V8, or one with other flags, compiles it anew. */
export const CACHE = '.cache';

/**
 * The files a bundle consists of. They are read here and not by Node, because Node keeps what it compiled in a directory of
 * each user's own, which nobody but root could write in.
 */
export class Chunks {
  readonly #folder: string;
  readonly #require: (name: string) => unknown;
  readonly #scripts = new Map<string, Script>();
  readonly #modules = new Map<string, { exports: object }>();

  constructor(folder: string) {
    this.#folder = resolve(folder);
    this.#require = createRequire(join(this.#folder, 'main.js'));
  }

  /** Reads and compiles all that is not yet: whoever runs for long must not need files that an upgrade takes away. */
  readAll(): void {
    for (const name of readdirSync(this.#folder)) if (name.endsWith('.js')) this.#script(name);
  }

  /** What a chunk exports; runs it the first time. */
  load(name: string): object {
    const known = this.#modules.get(name);
    if (known !== undefined) return known.exports;
    const module = { exports: {} };
    this.#modules.set(name, module);
    const run = this.#script(name).runInThisContext() as Wrapped;
    run(
      module.exports,
      (wanted) => (wanted.startsWith('./') ? this.load(wanted.slice(2)) : this.#require(wanted)),
      module,
    );
    return module.exports;
  }

  /** What V8 holds of every chunk that was compiled so far, with the functions that ran. */
  *compiled(): Generator<readonly [name: string, data: Buffer]> {
    for (const [name, script] of this.#scripts) yield [name, script.createCachedData()];
  }

  /** Chunks whose stored code was not for this V8. */
  get rejected(): readonly string[] {
    return [...this.#scripts].filter(([, script]) => script.cachedDataRejected !== false).map(([name]) => name);
  }

  #script(name: string): Script {
    const known = this.#scripts.get(name);
    if (known !== undefined) return known;
    const filename = join(this.#folder, name);
    // Chunks are ASCII; reading them as anything else costs as much as all the rest.
    const source = `(function(exports,require,module){${readFileSync(filename, 'latin1')}\n})`;
    const cache = filename + CACHE;
    const script = new Script(source, {
      filename,
      ...(existsSync(cache) && { cachedData: readFileSync(cache) }),
    });
    this.#scripts.set(name, script);
    return script;
  }
}
