/** Reads the tables that say what each leg must see, written as the texts about packets write them. */

/** One row: frames of this shape are seen on this leg. */
export interface Row {
  readonly number: string;
  /** Towards the engine (`in`) or from it (`out`), and on which of its interfaces. */
  readonly way: 'in' | 'out';
  readonly leg: string;
  readonly source: string;
  readonly destination: string;
  readonly side: 's' | 'd';
  readonly port: number;
  readonly sourceMac: string;
  readonly destinationMac: string;
  /** VLAN ids, outer first. */
  readonly tags: readonly number[];
  /** `?` behind the number: need not be seen. */
  readonly optional: boolean;
  readonly text: string;
}

export type Names = Readonly<Record<string, string | number>>;

const NONE = new Set(['', '-', '–']);

function cellsOf(line: string): string[] {
  return line
    .trim()
    .replace(/^\||\|$/g, '')
    .split('|')
    .map((cell) => cell.trim());
}

/**
 * A Markdown table with the columns `#`, `in`, `out`, `src IP`, `dst IP`, `port` ("d P1", "s 443"), `src MAC`, `dst MAC` and,
 * where there are tags, `vlan` ("5", "5.7"); others are for people. `=` repeats the cell above; names stand for what `names` says.
 * An outgoing row without `src MAC` has the engine's own, E0_M on i0.
 * @throws SyntaxError naming the row and the cell it cannot read.
 */
export function readTable(table: string, names: Names): readonly Row[] {
  const lines = table
    .split('\n')
    .filter((line) => line.includes('|') && !/^[\s|:-]+$/.test(line))
    .map((line) => ({ line, cells: cellsOf(line) }));
  const [heading, ...rows] = lines;
  const columns = heading?.cells ?? [];
  let above: readonly string[] = [];
  return rows.map(({ line, cells }) => {
    const whole = cells.map((cell, place) => (cell === '=' ? (above[place] ?? '') : cell));
    above = whole;
    return readRow(line.trim(), (column) => whole[columns.indexOf(column)] ?? '', names);
  });
}

function readRow(text: string, cell: (column: string) => string, names: Names): Row {
  const fail = (column: string): never => {
    throw new SyntaxError(`read table: "${cell(column)}" in column "${column}" of ${text} (is the name defined?)`);
  };
  const value = (column: string, name: string, shape: RegExp): string => {
    const found = String(names[name] ?? name);
    return shape.test(found) ? found : fail(column);
  };
  const leg = NONE.has(cell('in')) ? cell('out') : cell('in');
  const way = NONE.has(cell('in')) ? 'out' : 'in';
  const [side = '', port = ''] = cell('port').split(/\s+/);
  const mac = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/;
  const address = /^[0-9a-f:]*[.:][0-9a-f.:]+$/;
  const own = NONE.has(cell('src MAC')) && way === 'out' ? `E${leg.slice(1)}_M` : cell('src MAC');
  return {
    number: cell('#').replace('?', ''),
    optional: cell('#').endsWith('?'),
    way,
    leg: NONE.has(leg) ? fail('in') : leg,
    source: value('src IP', cell('src IP'), address),
    destination: value('dst IP', cell('dst IP'), address),
    side: side === 's' || side === 'd' ? side : fail('port'),
    port: Number(value('port', port, /^\d+$/)),
    sourceMac: value('src MAC', own, mac),
    destinationMac: value('dst MAC', cell('dst MAC'), mac),
    tags: NONE.has(cell('vlan')) ? [] : cell('vlan').split('.').map(Number),
    text,
  };
}
