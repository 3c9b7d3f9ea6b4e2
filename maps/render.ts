/** BTF types as TypeScript source. */
import type { BtfType } from './btf.ts';
import { commentAbove, numericDefines, type ReasonText, reasonTexts } from './comments.ts';

type Types = readonly BtfType[];

const pascal = (name: string): string => name.replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
const quote = (text: string): string => `'${text.replaceAll("'", "\\'")}'`;

/** A doc comment, in lines of at most 120 characters. */
function doc(text: string | undefined): string {
  if (text === undefined) return '';
  if (text.length <= 113) return `/** ${text} */\n`;
  const lines = text.match(/.{1,116}(?: |$)/g) ?? [];
  return `/**\n${lines.map((line) => ` * ${line.trimEnd()}\n`).join('')} */\n`;
}

const isOwn = (text: string, kind: 'enum' | 'struct', { name }: BtfType): boolean =>
  new RegExp(`^${kind} ${name} \\{`, 'm').test(text);

const HEADING = '/** Generated from maps/*.h by `npm run generate`: do not edit. */';

/** src/terms/constants.ts: numbers and words, nothing of how they lie in memory. */
export function renderConstants(types: Types, text: string): string {
  const defines = numericDefines(text).map(([name, value]) => `export const ${name} = ${value};`);
  const enums = types
    .filter((type) => type?.kind === 'ENUM' && isOwn(text, 'enum', type))
    .map((type) => {
      const values = type.values.map(({ name, val }) => `${name}: ${val}`).join(', ');
      return `${doc(commentAbove(text, 'enum', type.name))}export const ${pascal(type.name)} = { ${values} } as const;`;
    });
  const reasons = reasonTexts(text).map(
    ({ reason, name, group, text: words }) =>
      `{ reason: ${reason}, name: ${quote(name)}, group: ${quote(group)}, text: ${quote(words)} },`,
  );
  const table = `/** What users read for each reason, in the order of their numbers. */
export const REASON_TEXTS: readonly { readonly reason: number; readonly name: string; readonly group: string; readonly text: string }[] = [\n${reasons.join('\n')}\n];`;
  return [HEADING, ...defines, ...enums, table].join('\n\n');
}

/** src/dataplane/codec/layout.ts: every struct as a codec, and the codecs of every map's keys and values. */
export function renderCodecs(types: Types, text: string): string {
  const structs = types.filter((type) => type?.kind === 'STRUCT' && isOwn(text, 'struct', type) && !isMap(type));
  const used = new Set<string>();
  const declared = new Set<string>();
  const sources: string[] = [];
  const declare = (type: BtfType): void => {
    if (declared.has(type.name)) return;
    declared.add(type.name);
    for (const inner of innerStructs(types, type)) declare(inner);
    const fields = type.members
      .filter(({ name }) => !name.startsWith('reserved'))
      .map(
        ({ name, type_id, bits_offset }) => `${camel(name)}: [${bits_offset / 8}, ${codecOf(types, type_id, used)}],`,
      );
    used.add('struct');
    sources.push(
      `${doc(commentAbove(text, 'struct', type.name))}export const ${pascal(type.name)} = struct(${type.size}, {\n${fields.join('\n')}\n});
export type ${pascal(type.name)} = Decoded<typeof ${pascal(type.name)}>;`,
    );
  };
  structs.forEach(declare);
  const maps = mapsOf(types).map(({ name, members }) => {
    const key = partOf(types, members, 'key', used);
    const value = partOf(types, members, 'value', used);
    return `${name}: { key: ${key}, value: ${value} },`;
  });
  const table = `/** How keys and values of each map lie in memory. A ring has neither. */\nexport const MAPS = {\n${maps.join('\n')}\n} as const;\n\nexport type MapName = keyof typeof MAPS;`;
  const imports = `import { ${[...used].sort().join(', ')}, type Decoded } from './codec.ts';`;
  return [HEADING, imports, ...sources, table].join('\n\n');
}

/** docs/drop-reasons.md */
export function renderReasonPage(reasons: readonly ReasonText[]): string {
  const groups = [...new Set(reasons.map(({ group }) => group))];
  const section = (group: string): string => {
    const rows = reasons.filter((each) => each.group === group);
    const lines = rows.map(({ reason, name, text }) => `| ${reason} | \`${name}\` | ${text} |`);
    return `## ${group[0]!.toUpperCase()}${group.slice(1)}\n\n| number | reason | what happened |\n|---:|---|---|\n${lines.join('\n')}\n`;
  };
  return `<!-- Generated from maps/reasons.h by \`npm run generate\`: do not edit. -->

# Why a packet left the engine the way it did

Every packet is counted under one reason, per interface: \`hopline counters\` shows them, and the metric
\`hopline_verdicts_total\` carries them as the label \`verdict\`; drops are in \`hopline_drops_total\`, label \`reason\`, too.

${groups.map(section).join('\n')}`;
}

function resolve(types: Types, id: number): BtfType {
  const type = types[id];
  if (!type) throw new Error(`generate layout: BTF has no type ${id}`);
  return ['TYPEDEF', 'CONST', 'VOLATILE'].includes(type.kind) && !type.name.startsWith('__be')
    ? resolve(types, type.type_id)
    : type;
}

/** The expression that makes the codec of a type. */
function codecOf(types: Types, id: number, used: Set<string>): string {
  const type = resolve(types, id);
  const use = (name: string): string => {
    used.add(name);
    return name;
  };
  if (type.kind === 'TYPEDEF') return use(type.name.slice(2));
  if (type.kind === 'INT') return use(`u${8 * type.size}`);
  if (type.kind === 'STRUCT') return pascal(type.name);
  if (type.kind === 'ARRAY') {
    const element = codecOf(types, type.type_id, used);
    if (element === 'u8') return `${use('bytes')}(${type.nr_elems})`;
    return `${use('array')}(${element}, ${type.nr_elems})`;
  }
  throw new Error(`generate layout: no codec for ${type.kind} ${type.name}`);
}

function innerStructs(types: Types, type: BtfType): readonly BtfType[] {
  return type.members
    .map(({ type_id }) => resolve(types, type_id))
    .map((member) => (member.kind === 'ARRAY' ? resolve(types, member.type_id) : member))
    .filter((member) => member.kind === 'STRUCT');
}

/** Definitions of maps are structs of pointers whose array lengths are numbers. */
const isMap = ({ members }: BtfType): boolean => members.some(({ name }) => name === 'max_entries');

function mapsOf(types: Types): readonly { readonly name: string; readonly members: BtfType['members'] }[] {
  const section = types.find((type) => type?.kind === 'DATASEC' && type.name === '.maps');
  return (section?.vars ?? [])
    .map(({ type_id }) => types[type_id]!)
    .map((variable) => ({ name: variable.name, members: resolve(types, variable.type_id).members }))
    .filter(({ members }) => members.some(({ name }) => name === 'key' || name === 'key_size'))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The codec of a map's keys or values: by type, else by size, else (maps of maps) the inner map's id. */
function partOf(types: Types, members: BtfType['members'], part: 'key' | 'value', used: Set<string>): string {
  const pointed = (name: string): number | undefined => {
    const member = members.find((each) => each.name === name);
    return member && resolve(types, member.type_id).type_id;
  };
  const type = pointed(part);
  if (type !== undefined) return codecOf(types, type, used);
  const size = pointed(`${part}_size`);
  const length = size === undefined ? 0 : resolve(types, size).nr_elems;
  const name = length === 4 || pointed('values') !== undefined ? 'u32' : 'bytes';
  used.add(name);
  return name === 'u32' ? name : `bytes(${length})`;
}
