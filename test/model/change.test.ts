import { expect, test } from 'vitest';
import { ModelEditor } from '../../src/model/change/change.ts';
import { readDefinitions } from '../../src/model/read/read.ts';
import { manyServices } from './many-services.ts';
import { file } from './refusal.ts';

const NICS = new Map([['i3', { addresses: [{ address: '10.0.3.1' }] }]]);

function editor(services: string): ModelEditor {
  const result = readDefinitions(file({ services }), 'hopline.yaml');
  if (!result.ok) throw new Error(result.problems[0]!.message);
  return new ModelEditor(result.model, { nics: NICS });
}

/** Judges as {@link editor} does, from the index that reading made. */
function editorFromIndex(services: string): ModelEditor {
  const result = readDefinitions(file({ services }), 'hopline.yaml');
  if (!result.ok) throw new Error(result.problems[0]!.message);
  return new ModelEditor(result.model, { nics: NICS }, result.index);
}

const SHOP =
  'shop: {address: 198.51.100.10, port: 443, sequence: [web1]}\n  ftp: {address: 198.51.100.10, port: 1025-1125, sequence: [web2]}';

test.each([
  ['another port', { address: '198.51.100.10', port: 444, sequence: ['web2'] }, []],
  [
    'the port of another service',
    { address: '198.51.100.10', port: 443, sequence: ['web2'] },
    ['services shop and new both claim 198.51.100.10:443/tcp from i0'],
  ],
  [
    'ports of another service',
    { address: '198.51.100.10', port: '1-1025', sequence: ['web2'] },
    ['services ftp and new have overlapping ports of 198.51.100.10:1-1025/tcp from i0: 1025-1125 and 1-1025'],
  ],
  [
    'a NAT server and port of another service',
    { address: '198.51.100.11', port: 443, sequence: ['web1'] },
    ['services shop and new both reach web1:443 by NAT; a reply could belong to either'],
  ],
  [
    "the engine's own address",
    { address: '10.0.3.1', port: 443, sequence: ['web2'] },
    ["service new has the address 10.0.3.1, which is the engine's own, on i3"],
  ],
  [
    'a step that does not exist',
    { address: '198.51.100.12', port: 443, sequence: ['web3'] },
    ['service new leads to web3, which is neither a device nor a pool'],
  ],
  ['no object', 5, ['services.new: 5 is not a service']],
])('a new service with %s', (_name, raw, messages) => {
  for (const made of [editor(SHOP), editorFromIndex(SHOP)]) {
    const read = made.read('new', raw);
    expect(read.ok ? [] : read.faults.map(({ message }) => message)).toEqual(messages);
  }
});

test('a service does not clash with the one it replaces', () => {
  const read = editor(SHOP).read('shop', { address: '198.51.100.10', port: 443, sequence: ['fw1', 'web2'] });
  expect(read).toMatchObject({ ok: true });
});

test('what a service claimed is free when it is removed, and taken when one is added', () => {
  const shop = editor(SHOP);
  const raw = { address: '198.51.100.10', port: 443, sequence: ['web1'] };
  shop.remove('shop');
  shop.remove('ftp');
  const read = shop.read('new', raw);
  if (!read.ok) throw new Error(read.faults[0]!.message);
  shop.add(read.service);
  expect(shop.read('shop', raw)).toMatchObject({ ok: false });
  expect(shop.read('ftp', { ...raw, port: '1025-1125' })).toMatchObject({ ok: true });
});

test('a change moves a claim', () => {
  const shop = editor(SHOP);
  const moved = shop.read('shop', { address: '198.51.100.10', port: 444, sequence: ['web1'] });
  if (!moved.ok) throw new Error(moved.faults[0]!.message);
  shop.add(moved.service);
  expect(shop.read('new', { address: '198.51.100.10', port: 443, sequence: ['web1'] })).toMatchObject({ ok: true });
  expect(shop.read('new', { address: '198.51.100.10', port: 444, sequence: ['web2'] })).toMatchObject({ ok: false });
});

test('an alternate brings its pool along', () => {
  const read = editor(SHOP).read('new', {
    address: '198.51.100.12',
    port: 443,
    sequence: [{ fw1: { alternate: 'fw2' } }, 'web2'],
  });
  expect(read.ok && read.pools.get('fw1+fw2')?.members).toEqual(['fw1', 'fw2']);
});

test('what an editor reads is not in the model it began with', () => {
  const result = readDefinitions(file({ services: SHOP }), 'hopline.yaml');
  if (!result.ok) throw new Error(result.problems[0]!.message);
  const pools = [...result.model.pools.keys()];
  const made = new ModelEditor(result.model, { nics: NICS }, result.index);
  const withAlternate = (port: number) =>
    made.read('new', { address: '198.51.100.12', port, sequence: [{ fw1: { alternate: 'fw2' } }, 'web2'] });
  expect([withAlternate(443).ok, withAlternate(444).ok]).toEqual([true, true]);
  expect([...result.model.pools.keys()]).toEqual(pools);
});

test('many services are read as they are written', () => {
  const result = readDefinitions(manyServices(2000), 'many.yaml');
  expect(result.ok && result.model.services.size).toBe(2000);
});
