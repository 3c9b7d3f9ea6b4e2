import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../api-types/failure.ts';
import type { Replacements } from '../../api-types/operations.ts';
import { readYaml } from '../change/read.ts';
import type { FoundModes } from '../overrides/modes.ts';
import {
  appendAround,
  hasContent,
  isLeftBehind,
  makeEmpty,
  prepare,
  readIfThere,
  readLines,
  writeAtomically,
} from './files.ts';
import { digestOf } from './followed-file.ts';

/** What the controller must find again after it was killed: definitions, and what commands decided since. */
export interface Store {
  /** The text that was applied last, undefined before the first apply. */
  readApplied(): Promise<string | undefined>;
  /** Which text that is ({@link digestOf}); undefined before the first apply. */
  appliedDigest(): Promise<string | undefined>;
  /** What is in force: that, with the changes on top. */
  readInForce(): Promise<string | undefined>;
  /** Those in force before them. */
  readPrevious(): Promise<string | undefined>;
  /**
   * Makes `text` the applied definitions and what was in force the previous ones, around `publish`: the new text is on the disk
   * before, and counts only when `publish` succeeded. Changes on top end.
   * @throws Failure where the disk takes it no more after `publish`: then the next to write makes up for it first.
   */
  replaceApplied(text: string, publish: () => Promise<void>): Promise<void>;
  /** Single services set or deleted since the definitions were applied, in order. */
  readChanges(): Promise<readonly ServiceChange[]>;
  hasChanges(): Promise<boolean>;
  /** Adds one, likewise around `publish`. A line is written, however many services there are. */
  addChange(change: ServiceChange, publish: () => Promise<void>): Promise<void>;
  readChoices(): Promise<Choices>;
  writeChoices(choices: Choices): Promise<void>;
  /** The same around `publish`, as {@link replaceApplied}. */
  replaceChoices(choices: Choices, publish: () => Promise<void>): Promise<void>;
}

/** `hopline service set` or `delete` (no definition). */
export interface ServiceChange {
  readonly service: string;
  readonly definition?: unknown;
}

/** What commands said over the definitions, and what was found out. */
export interface Choices {
  /** `hopline pool use` of versions before health.json: the member, and the word of the definitions it overrules (a new word there ends the choice). */
  readonly pools: Readonly<Record<string, { readonly member: string; readonly instead: string }>>;
  /** `hopline attach --mode` and `hopline detach`; other NICs are attached when definitions name them. */
  readonly nics: Readonly<Record<string, 'auto' | 'native' | 'generic' | 'detached'>>;
  /** `hopline device replace`: who stands in for a device where services name it. */
  readonly replacements: Replacements;
  /** What was found out about devices of `mode: auto`. */
  readonly modes: FoundModes;
}

export const NO_CHOICES: Choices = { pools: {}, nics: {}, replacements: {}, modes: {} };

/** A store in the files of a directory; each file is replaced by a rename after it reached the disk. */
export function fileStore(directory: string): Store {
  const applied = join(directory, 'applied.yaml');
  const previous = join(directory, 'previous.yaml');
  const choices = join(directory, 'choices.json');
  let digest: string | undefined;
  /** Named after the definitions they lie over: whoever is killed between two files leaves none that do not belong together. */
  const changes = async () => {
    digest ??= digestOf((await readIfThere(applied)) ?? '');
    return join(directory, `changes-${digest}.jsonl`);
  };
  const readChanges = async () => (await readLines(await changes())).map((line) => JSON.parse(line) as ServiceChange);
  /** What is to be done on the disk for what is in force already, in order. */
  const owed: (() => Promise<void>)[] = [];
  const makeUp = async (outcome = 'nothing was changed now; the change before is in force') => {
    try {
      for (; owed.length > 0; owed.shift()) await owed[0]!();
    } catch (error) {
      const { message } = error as Error;
      const what = `write ${directory}: ${message} (make the directory writable; ${outcome})`;
      throw new Failure('failed', what, [], { cause: error });
    }
  };
  const makeUpInForce = () => makeUp('the change is in force, and kept with the next one');
  const readInForce = async () => {
    const text = await readIfThere(applied);
    return text === undefined ? undefined : withChanges(text, await readChanges());
  };
  return {
    readApplied: () => readIfThere(applied),
    async appliedDigest() {
      if (digest !== undefined) return digest;
      const text = await readIfThere(applied);
      return text === undefined ? undefined : digestOf(text);
    },
    readInForce,
    readPrevious: () => readIfThere(previous),
    async replaceApplied(text, publish) {
      await makeUp();
      const before = await readInForce();
      const prepared = [await prepare(applied, text)];
      try {
        if (before !== undefined) prepared.unshift(await prepare(previous, before));
        await publish();
      } catch (error) {
        for (const { discard } of prepared) await discard();
        throw error;
      }
      owed.push(...prepared.map(({ commit }) => commit), async () => {
        digest = digestOf(text);
        await makeEmpty(await changes());
        await tidy(directory, await changes());
      });
      await makeUpInForce();
    },
    readChanges,
    hasChanges: async () => hasContent(await changes()),
    async addChange(change, publish) {
      await makeUp();
      await appendAround(await changes(), JSON.stringify(change), publish);
    },
    async readChoices() {
      const text = await readIfThere(choices);
      return text === undefined ? NO_CHOICES : { ...NO_CHOICES, ...(JSON.parse(text) as Partial<Choices>) };
    },
    async writeChoices(value) {
      await makeUp();
      await writeAtomically(choices, textOf(value));
    },
    async replaceChoices(value, publish) {
      await makeUp();
      const { commit, discard } = await prepare(choices, textOf(value));
      let isInForce = false;
      try {
        await publish();
        isInForce = true;
      } finally {
        // A publication that is in force and could not be remembered owes this, too.
        if (isInForce || owed.length > 0) owed.push(commit);
        else await discard();
      }
      await makeUpInForce();
    },
  };
}

/** Definitions with services set or deleted on top, as text again: JSON, which YAML is, and which is written in no time. */
export function withChanges(text: string, changes: readonly ServiceChange[]): string {
  if (changes.length === 0) return text;
  const definitions = readYaml({ text, file: 'the definitions that were brought into force last' }) as {
    services?: Record<string, unknown> | null;
  };
  const services = { ...definitions.services };
  for (const { service, definition } of changes) {
    if (definition === undefined) delete services[service];
    else services[service] = definition;
  }
  return `${JSON.stringify({ ...definitions, services }, null, 1)}\n`;
}

const textOf = (choices: Choices): string => `${JSON.stringify(choices, null, 2)}\n`;

/** Removes what a killed controller left: files half replaced, and changes over definitions that are no more. */
async function tidy(directory: string, kept: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    const isOfOthers = /^changes-\w+\.jsonl$/.test(name) && path !== kept;
    if (isLeftBehind(path) || isOfOthers) await rm(path, { force: true });
  }
}
