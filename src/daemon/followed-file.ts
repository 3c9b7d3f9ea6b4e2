import { Failure } from '../api-types/failure.ts';
import type { DefinitionText } from '../api-types/operations.ts';
import { onBehalfOf } from '../control/actor.ts';
import type { Controller } from '../control/controller.ts';
import { digestOf, type FollowedFileRecord } from '../control/state/followed-file.ts';
import type { Logger } from '../dataplane/types.ts';
import { explain } from '../views/explain-error.ts';

/** Why a file is not in force: told in status, as event and metric, until it is. */
export interface Rejected {
  readonly file: string;
  readonly reason: string;
}

/**
 * The definition file the controller was started with. What was brought into force last counts, by the file or by a command, and
 * outlives restarts; the file is taken when it changed since it was taken last, and at SIGHUP.
 */
export class FollowedFile {
  readonly #file: string;
  readonly #controller: Controller;
  readonly #record: FollowedFileRecord;
  readonly #logger: Logger;
  #digest: string | undefined;
  #rejected: Rejected | undefined;

  constructor(file: string, controller: Controller, record: FollowedFileRecord, logger: Logger) {
    this.#file = file;
    this.#controller = controller;
    this.#record = record;
    this.#logger = logger;
  }

  get rejected(): Rejected | undefined {
    return this.#rejected;
  }

  /** At the start, when what was in force is taken up again: a file that did not change meanwhile changes nothing. */
  async begin(given: DefinitionText | undefined): Promise<void> {
    const taken = await this.#record.read();
    if (taken?.file === this.#file) this.#digest = taken.digest;
    if (given === undefined) {
      return this.reject(new Error('there is no such file'));
    }
    const isKnown = this.#digest === digestOf(given.text) || (taken === undefined && (await this.#isInForce(given)));
    if (!isKnown) return this.take(given);
    await this.#remember(digestOf(given.text));
    const sentence = await this.sentence();
    if (sentence !== undefined) this.#logger.warn({ file: this.#file }, sentence);
  }

  /** It was written, or replaced: where it says what it said when it was taken last, that undoes no later command. */
  async changed(given: DefinitionText): Promise<void> {
    if (this.#digest === digestOf(given.text)) this.#rejected = undefined;
    else await this.take(given);
  }

  /** Brings the file into force. Where that cannot be, all stays as it was, and it is told. */
  async take(given: DefinitionText): Promise<void> {
    try {
      const { steps, degraded, milliseconds } = await onBehalfOf('controller', () => this.#controller.apply(given));
      this.#rejected = undefined;
      await this.#remember(digestOf(given.text));
      this.#logger.info({ file: given.file, steps, degraded: degraded.length, milliseconds }, 'definitions applied');
    } catch (error) {
      this.reject(error);
    }
  }

  /** The file could not be read, or not be brought into force. */
  reject(thrown: unknown): void {
    const error = explain(thrown) as Error;
    const problems = error instanceof Failure ? error.problems : [];
    const first = problems[0] === undefined ? '' : `: ${problems[0]}`;
    const more = problems.length > 1 ? ` (and ${problems.length - 1} more: hopline check ${this.#file})` : '';
    const reason = `${this.#file} is not applied, and what was in force stays: ${error.message}${first}${more}`;
    this.#rejected = { file: this.#file, reason };
    this.#logger.warn(
      { file: this.#file, error: error.message, problems },
      'definitions not applied; those in force stay',
    );
    this.#controller.overseer.tell({ what: 'rejected', reason, trigger: 'controller' });
  }

  /** A command brought these definitions into force: where they are those of the file, it counts as taken. */
  async applied(text: string, inFile: DefinitionText | undefined): Promise<void> {
    if (inFile?.text !== text) return;
    this.#rejected = undefined;
    await this.#remember(digestOf(text));
  }

  /** Where what is in force is not what the file says: who said it, and what becomes of it. */
  async sentence(): Promise<string | undefined> {
    if (this.#digest === undefined) return undefined;
    if (this.#digest === (await this.#controller.appliedDigest())) {
      if (!(await this.#controller.hasChanges())) return undefined;
      return `services were set or deleted by commands and are not as ${this.#file} says: a restart keeps them, a change of that file or SIGHUP replaces them`;
    }
    return `the definitions in force were applied by a command and are not those of ${this.#file}: a restart keeps them, a change of that file or SIGHUP replaces them`;
  }

  async #isInForce({ text }: DefinitionText): Promise<boolean> {
    return digestOf(text) === (await this.#controller.appliedDigest());
  }

  async #remember(digest: string): Promise<void> {
    this.#digest = digest;
    await this.#record.write({ file: this.#file, digest });
  }
}
