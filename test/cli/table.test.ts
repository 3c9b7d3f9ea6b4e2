import { expect, test } from 'vitest';
import { renderFields, renderTable } from '../../src/cli/table.ts';

test('columns are as wide as what stands in them, numbers to the right, nothing behind the last cell', () => {
  const rows = [
    { name: 'shop', packets: 5 },
    { name: 'a-longer-name', packets: 12345 },
  ];
  const columns = [
    { title: 'service', value: (row: (typeof rows)[0]) => row.name },
    { title: 'packets', value: (row: (typeof rows)[0]) => row.packets, right: true },
    { title: 'note', value: () => '' },
  ];
  expect(renderTable(rows, columns)).toBe(
    'SERVICE        PACKETS  NOTE\nshop                 5\na-longer-name    12345\n',
  );
});

test('no rows: a sentence instead of a heading', () => {
  expect(renderTable([], [{ title: 'x', value: () => 1 }], 'No services.')).toBe('No services.\n');
});

test('fields without a value are left out', () => {
  expect(
    renderFields([
      ['name', 'fw1'],
      ['vendor', undefined],
      ['legs', 2],
    ]),
  ).toBe('name: fw1\nlegs: 2\n');
});
