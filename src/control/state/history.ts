import { appendFile, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { ChangeReport } from '../../api-types/change-report.ts';
import { Missing } from '../../api-types/failure.ts';
import type { HistoryEntry } from '../../api-types/operations.ts';
import { readBytesIfThere, readLines, writeAtomically } from './files.ts';
import { digestOf } from './followed-file.ts';
import { type ServiceChange, withChanges } from './store.ts';

const KEPT = 100;
/** Behind so many changes of single services the whole definitions are kept again. */
const CHANGES = 200;
/** Differences kept of one change; the texts themselves tell all. */
const TOLD = 20;

/** An entry with what its definitions are made of: a text, or a change on top of the entry before. */
type Kept = HistoryEntry & { readonly text?: string; readonly change?: ServiceChange };

/** Who brought which definitions into force, and when: the last {@link KEPT} at least, in the state directory. */
export class History {
  readonly #directory: string;
  readonly #index: string;
  #entries: Kept[] | undefined;

  constructor(stateDir: string) {
    this.#directory = join(stateDir, 'history');
    this.#index = join(this.#directory, 'index.jsonl');
  }

  /** Oldest first. */
  async list(): Promise<readonly HistoryEntry[]> {
    return (await this.#load()).map(({ text: _, change: __, ...entry }) => entry);
  }

  /** Definitions that were in force. @throws Missing */
  async textOf(number: number): Promise<string> {
    const entries = await this.#load();
    const at = entries.findIndex((entry) => entry.number === number);
    if (at < 0) throw new Missing(`history ${number}: there is no such entry (hopline history)`);
    const base = entries.findLastIndex(({ text }, place) => place <= at && text !== undefined);
    const bytes = base < 0 ? undefined : await readBytesIfThere(this.#pathOf(entries[base]!.text!));
    if (bytes === undefined) throw new Missing(`history ${number}: its definitions are not kept any more`);
    const text = (await promisify(gunzip)(bytes)).toString();
    return withChanges(
      text,
      entries.slice(base + 1, at + 1).flatMap(({ change }) => change ?? []),
    );
  }

  /** Takes note of what came into force: definitions as a whole. */
  async addText(by: string, how: string, text: string, report?: ChangeReport): Promise<void> {
    const digest = digestOf(text);
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    await writeAtomically(this.#pathOf(digest), await promisify(gzip)(text));
    await this.#add({ ...(await this.#entry(by, how, report)), text: digest });
  }

  /** Takes note of a change of one service. `inForce`: the definitions with it, asked for now and then. */
  async addChange(
    by: string,
    change: ServiceChange,
    report: ChangeReport,
    inForce: () => Promise<string | undefined>,
  ): Promise<void> {
    const how = `service ${change.definition === undefined ? 'delete' : 'set'} ${change.service}`;
    const entries = await this.#load();
    const base = entries.findLastIndex(({ text }) => text !== undefined);
    if (base >= 0 && entries.length - base <= CHANGES) {
      return this.#add({ ...(await this.#entry(by, how, report)), change });
    }
    const text = await inForce();
    if (text !== undefined) await this.addText(by, how, text, report);
  }

  async #entry(by: string, how: string, report?: ChangeReport): Promise<HistoryEntry> {
    const number = ((await this.#load()).at(-1)?.number ?? 0) + 1;
    const { added = [], changed = [], removed = [] } = report?.services ?? {};
    return {
      number,
      time: new Date().toISOString(),
      by,
      how,
      services: { added: added.length, changed: changed.length, removed: removed.length },
      differences: (report?.differences ?? []).slice(0, TOLD),
    };
  }

  async #add(entry: Kept): Promise<void> {
    const entries = await this.#load();
    entries.push(entry);
    await appendFile(this.#index, `${JSON.stringify(entry)}\n`, { mode: 0o600 });
    if (entries.length > 2 * KEPT) await this.#forget(entries);
  }

  /** Leaves out the oldest, up to one that stands on a text of its own. */
  async #forget(entries: readonly Kept[]): Promise<void> {
    const first = entries.findLastIndex(({ text }, place) => place <= entries.length - KEPT && text !== undefined);
    if (first <= 0) return;
    const kept = entries.slice(first);
    await writeAtomically(this.#index, kept.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    this.#entries = kept;
    const texts = new Set(kept.flatMap(({ text }) => (text === undefined ? [] : [`${text}.yaml.gz`])));
    for (const name of await readdir(this.#directory)) {
      if (name.endsWith('.yaml.gz') && !texts.has(name)) await rm(join(this.#directory, name), { force: true });
    }
  }

  async #load(): Promise<Kept[]> {
    this.#entries ??= (await readLines(this.#index)).map((line) => JSON.parse(line) as Kept);
    return this.#entries;
  }

  #pathOf(digest: string): string {
    return join(this.#directory, `${digest}.yaml.gz`);
  }
}
