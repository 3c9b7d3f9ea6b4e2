import type { Command } from 'commander';
import { EXIT } from '../api-types/failure.ts';
import type { Operations } from '../api-types/operations.ts';
import { onBehalfOf, userName } from '../control/actor.ts';
import { findInstance, type Instance } from '../control/state/instance.ts';
import { jsonText } from '../terms/json.ts';
import { controllerRuns, remoteOperations } from './client.ts';
import { write } from './output.ts';

/** Options every command takes. */
export interface GlobalOptions {
  readonly instance?: string;
  readonly config: string;
  readonly socket?: string;
  readonly object?: string;
  readonly limits?: string;
  readonly output: 'table' | 'json';
  readonly logLevel: string;
}

/** What a command works with. */
export interface Context {
  readonly options: GlobalOptions;
  readonly instance: Instance;
  /** Writes a value: as JSON with `-o json`, else as `render` makes it. */
  print<Value>(value: Value, render: (value: Value) => string): void;
  /** The running controller, or (where none runs) the engine itself, opened in this process. */
  operations(): Promise<Operations>;
  /** The running controller only. */
  controller(): Promise<Operations | undefined>;
}

/** What a command does: with its arguments and options as it declared them. May return an exit code. */
type Run<Args extends readonly unknown[]> = (context: Context, ...args: Args) => Promise<unknown>;

/** An action for commander: makes the context, closes what was opened, sets the exit code. Errors go to `main`. */
export function action<Args extends readonly unknown[]>(
  run: Run<Args>,
): (this: Command, ...args: Args) => Promise<void> {
  return async function (this: Command, ...args) {
    const options = this.optsWithGlobals<GlobalOptions>();
    const instance = findInstance(options, process.env);
    const opened: { close(): Promise<void> }[] = [];
    const context: Context = {
      options,
      instance,
      print: (value, render) => write(options.output === 'json' ? `${jsonText(value, 2)}\n` : render(value)),
      controller: async () => ((await controllerRuns(instance.socket)) ? remoteOperations(instance.socket) : undefined),
      async operations() {
        const remote = await context.controller();
        if (remote !== undefined) return remote;
        const { openLocal } = await import('../control/local.ts');
        const local = openLocal(instance);
        opened.push(local);
        return local.operations;
      },
    };
    try {
      const who = userName(process.getuid!(), process.env.SUDO_USER);
      const code = await onBehalfOf(who, () => run(context, ...args));
      process.exitCode = typeof code === 'number' ? code : EXIT.ok;
    } finally {
      for (const resource of opened) await resource.close();
    }
  };
}
