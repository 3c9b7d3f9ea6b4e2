import { dump } from 'js-yaml';
import type { Model } from '../model/types.ts';
import type { Look } from '../views/health-snapshot.ts';
import { readModel, readYaml } from './change/read.ts';
import type { Choices } from './state/store.ts';

type Tree = Record<string, unknown>;

/** What is in force and what commands chose on top of it. */
export interface Exported {
  /** The definitions in force. */
  readonly text: string;
  /** As they are compiled. */
  readonly model: Model;
  readonly choices: Choices;
  readonly look: Look;
}

/**
 * What is in force as a file that applies to the same: definitions with the members, stand-ins and modes that commands chose or
 * that were found. What a file cannot say stands in its head as commands.
 */
export function exportText({ text, model, choices, look }: Exported, head: string): string {
  const definitions = readYaml({ text, file: 'the definitions in force' }) as Tree;
  const active = chosenMembers(choices, look);
  const isAsWritten =
    Object.keys({ ...active, ...choices.replacements, ...choices.modes }).length === 0 && !text.startsWith('{');
  const body = isAsWritten ? text : dump(withChoices(definitions, active, choices), { lineWidth: 120 });
  const remarks = [...unsaid(choices, look), ...differing(body, model, active)];
  return `${[head, ...remarks].map((line) => `# ${line}\n`).join('')}${body}`;
}

function chosenMembers(choices: Choices, { pools }: Look): Record<string, string> {
  const before = Object.entries(choices.pools).map(([pool, { member }]) => [pool, member]);
  const now = [...pools].flatMap(([pool, words]) => {
    const member = words.find(({ choice }) => choice !== undefined)?.choice;
    return member === undefined ? [] : [[pool, member]];
  });
  return Object.fromEntries([...before, ...now]);
}

function withChoices(definitions: Tree, active: Record<string, string>, { modes, replacements }: Choices): Tree {
  const devices = mapTable(definitions.devices, (name, device) =>
    modes[name] === undefined ? device : { ...device, mode: modes[name].mode },
  );
  const pools = mapTable(definitions.pools, (name, pool) => {
    const members = pool.members as readonly string[];
    const other = (member: string) => {
      const by = replacements[member];
      return by === undefined || members.includes(by) ? member : by;
    };
    const chosen = active[name] ?? pool.active;
    return {
      ...pool,
      members: members.map(other),
      ...(chosen !== undefined && { active: other(String(chosen)) }),
    };
  });
  const services = mapTable(definitions.services, (_, service) => {
    const parts = ['sequence', 'return', 'from', 'exit'].filter((key) => service[key] !== undefined);
    return { ...service, ...Object.fromEntries(parts.map((key) => [key, renamed(service[key], replacements)])) };
  });
  return { ...definitions, ...(devices && { devices }), ...(pools && { pools }), ...(services && { services }) };
}

function mapTable(table: unknown, change: (name: string, value: Tree) => Tree): Tree | undefined {
  if (typeof table !== 'object' || table === null) return undefined;
  return Object.fromEntries(
    Object.entries(table as Record<string, Tree>).map(([name, value]) => [name, change(name, value)]),
  );
}

/** Names of devices in steps and parties; what a step says of itself is left. */
function renamed(value: unknown, by: Readonly<Record<string, string>>): unknown {
  if (typeof value === 'string') return by[value] ?? value;
  if (Array.isArray(value)) return value.map((each) => renamed(each, by));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => {
      const isNames = name === 'copy' || name === 'to';
      return [by[name] ?? name, isNames ? renamed(each, by) : each];
    }),
  );
}

/** Commands for what no file says. */
function unsaid({ nics }: Choices, { devices }: Look): readonly string[] {
  const attached = Object.entries(nics).flatMap(([nic, mode]) => {
    if (mode === 'detached') return [`hopline detach ${nic}`];
    return mode === 'auto' ? [] : [`hopline attach --mode ${mode} ${nic}`];
  });
  const duties = [...devices].flatMap(([device, [first]]) => {
    if (first?.state === 'maintenance') return [`hopline device maintenance ${device}`];
    return first?.state === 'draining' ? [`hopline device drain ${device}`] : [];
  });
  const commands = [...attached, ...duties];
  return commands.length === 0
    ? []
    : ['Not in this file, to be done by commands:', ...commands.map((each) => `  ${each}`)];
}

/** Names of what the file does not lead to: none, unless this is a mistake of ours, and then nobody shall be surprised. */
function differing(body: string, model: Model, active: Record<string, string>): readonly string[] {
  const written = readModel({ text: body, file: 'the export' });
  const plain = (value: object | undefined): string =>
    JSON.stringify(value, (key, each) => (key === 'auto' ? undefined : each));
  const wrong = (['devices', 'pools', 'services'] as const).flatMap((kind) => {
    const now: ReadonlyMap<string, object> = model[kind];
    return [...now].filter(([name, value]) => {
      const chosen = kind === 'pools' && active[name] !== undefined ? { ...value, active: active[name] } : value;
      return plain(written[kind].get(name)) !== plain(chosen);
    });
  });
  return wrong.length === 0 ? [] : [`WARNING: in force otherwise than here: ${wrong.map(([name]) => name).join(', ')}`];
}
