import type { DecodedEntry } from '../../src/dataplane/types.ts';
import { NameKind, SlotFlag } from '../../src/terms/constants.ts';

type Fields = Readonly<Record<string, unknown>>;
type Dump = (table: string) => Promise<readonly DecodedEntry[]>;

/**
 * What packets find in every table of an engine, by names where numbers and places depend on the way there, and without
 * counters: two of these are equal when no packet and nobody who reads the tables can tell the engines apart.
 */
export async function contentsOf(dump: Dump): Promise<Readonly<Record<string, readonly string[]>>> {
  const names = new Map((await dump('names')).map(({ key, value }) => [nameKey(key as Fields), String(value.text)]));
  const addresses = new Map((await dump('addresses')).map(({ key, value }) => [key, value.bytes ?? value.value]));
  const slots = new Map((await dump('slots')).map(({ key, value }) => [key, value]));
  const name = (kind: number, id: unknown): unknown =>
    id === 0 && kind !== NameKind.NAME_INTERFACE ? 0 : (names.get(`${kind} ${id}`) ?? `nameless ${kind} ${id}`);
  const leg = (id: unknown): unknown => name(NameKind.NAME_LEG, id);
  const nic = (number: unknown): unknown => name(NameKind.NAME_INTERFACE, number);
  const step = (slot: unknown): string => {
    const { packets: _, bytes: __, ...words } = slots.get(slot as number) as Fields;
    const flags = words.flags as number;
    return JSON.stringify({
      ...words,
      service: name(NameKind.NAME_SERVICE, words.service),
      origin: leg(words.origin),
      target: name((flags & SlotFlag.SLOT_POOL) === 0 ? NameKind.NAME_LEG : NameKind.NAME_POOL, words.target),
      rewrite: (flags & SlotFlag.SLOT_ADDRESS) === 0 ? words.rewrite : addresses.get(words.rewrite as number),
      copyset: name(NameKind.NAME_COPYSET, words.copyset),
    });
  };
  const sender = (origin: Fields): string =>
    JSON.stringify({ ...origin, leg: leg(origin.leg), interface: nic((origin.interface as number) - 1) });
  const senders = (origins: unknown): string[] =>
    (origins as Fields[]).filter(({ interface: number }) => number !== 0).map(sender);
  const places = new Set((await dump('interface_index')).map(({ value }) => Number(value.place)));
  const interfaces = (await dump('interfaces')).filter(({ key }) => places.has(key as number));
  const used = (await dump('steps')).flatMap(({ value }) =>
    (value.steps as { slot: number }[]).map(({ slot }) => slot),
  );
  const lines: Record<string, string[]> = {
    steps: used.filter((slot) => slot !== 0).map(step),
    slots: [...slots.keys()].map(step),
    ranges: (await dump('ranges')).map(({ key, value }) => {
      const range = key as Fields;
      return `${JSON.stringify({ ...range, origin: leg(range.origin) })} ${step(value.slot)}`;
    }),
    legs: (await dump('legs')).map(({ key, value }) => {
      const { packets: _, bytes: __, received: ___, transmit, ...words } = value;
      return JSON.stringify({ leg: leg(key), ...words, transmit: nic(transmit) });
    }),
    pools: (await dump('pools')).map(({ key, value: { outside, inside } }) =>
      JSON.stringify({ pool: name(NameKind.NAME_POOL, key), outside: leg(outside), inside: leg(inside) }),
    ),
    addresses: [...addresses.values()].map(String),
    interfaces: interfaces.map(({ value: { origins: _, number, segment, ...words } }) =>
      JSON.stringify({ ...words, number: nic(number), segment: leg(segment) }),
    ),
    senders: [
      ...interfaces.flatMap(({ value }) => senders((value.origins as Fields[]).slice(0, value.originCount as number))),
      ...(await dump('origins')).flatMap(({ value }) => senders(value.origins)),
    ],
    transmit: (await dump('transmit')).map(({ key, value }) => {
      // struct bpf_devmap_val: the NIC, and the number of the program, which another load makes another.
      const [nicAndProgram, program] = [String(value.value), String(value.value).slice(8)];
      return JSON.stringify({ nic: nic(key), ifindex: nicAndProgram.slice(0, 8), hasProgram: program !== '00000000' });
    }),
    groups: (await dump('groups')).map(({ key }) => {
      const { copyset, transmit } = key as Fields;
      return JSON.stringify({ copyset: name(NameKind.NAME_COPYSET, copyset), transmit: nic(transmit) });
    }),
    copies: (await dump('copies')).map(({ key, value }) => {
      const { copyset, ...words } = key as Fields;
      return JSON.stringify({ copyset: name(NameKind.NAME_COPYSET, copyset), ...words, leg: leg(value.leg) });
    }),
    names: [...names].map(([key, text]) => `${key.split(' ')[0]} ${text}`),
    journal: (await dump('journal')).map(({ value }) => JSON.stringify(value)),
  };
  return Object.fromEntries(Object.entries(lines).map(([table, rows]) => [table, rows.sort()]));
}

const nameKey = ({ kind, id }: Fields): string => `${kind} ${id}`;

/** By table: the first lines that one has and the other has not; nothing where both are equal. */
export function unlike(
  found: Readonly<Record<string, readonly string[]>>,
  wanted: Readonly<Record<string, readonly string[]>>,
): Readonly<Record<string, object>> {
  const differences = Object.keys(wanted).flatMap((table) => {
    const [tooMany, missing] = [beside(found[table]!, wanted[table]!), beside(wanted[table]!, found[table]!)];
    if (tooMany.length + missing.length === 0) return [];
    const counts = { tooMany: tooMany.length, missing: missing.length };
    return [[table, { ...counts, first: [...tooMany.slice(0, 3), ...missing.slice(0, 3)] }] as const];
  });
  return Object.fromEntries(differences);
}

function beside(lines: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const times = left.get(line) ?? 0;
    left.set(line, times - 1);
    return times <= 0;
  });
}
