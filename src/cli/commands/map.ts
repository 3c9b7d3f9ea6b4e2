import { Command } from 'commander';
import type { MapSummary } from '../../api-types/operations.ts';
import { jsonText } from '../../terms/json.ts';
import { action } from '../cli.ts';
import { grouped, renderTable } from '../table.ts';

/** Lines of JSON, one an entry. */
function renderEntries(entries: readonly unknown[]): string {
  return entries.map((entry) => `${jsonText(entry)}\n`).join('');
}

/** `hopline map list|dump|get|set|delete` */
export function mapCommand(): Command {
  const command = new Command('map').description('the tables themselves, decoded');
  command
    .command('list')
    .description('all tables and how full they are')
    .action(action(async (context) => context.print(await (await context.operations()).listMaps(), renderMaps)));
  command
    .command('dump <map>')
    .description('every entry, one a line')
    .action(
      action(async (context, map: string) =>
        context.print([...(await (await context.operations()).dumpMap(map))], renderEntries),
      ),
    );
  command
    .command('get <map> <key>')
    .description('one entry; the key is a number, or JSON as dump prints it')
    .action(
      action(async (context, map: string, key: string) =>
        context.print(await (await context.operations()).getEntry(map, key), (entry) => renderEntries([entry])),
      ),
    );
  command
    .command('set <map> <key> <value>')
    .description('overwrite one entry; for repair, the controller does not expect it')
    .action(
      action(async (context, map: string, key: string, value: string) =>
        context.print(await (await context.operations()).setEntry(map, key, value), (entry) => renderEntries([entry])),
      ),
    );
  command
    .command('delete <map> <key>')
    .description('remove one entry; for repair, the controller does not expect it')
    .action(
      action(async (context, map: string, key: string) => {
        await (await context.operations()).deleteEntry(map, key);
        context.print({ map, key }, () => `${map}: deleted\n`);
      }),
    );
  return command;
}

function renderMaps(maps: readonly MapSummary[]): string {
  return renderTable(maps, [
    { title: 'map', value: ({ name }) => name },
    { title: 'type', value: ({ type }) => type },
    { title: 'used', value: ({ used }) => (used === undefined ? '-' : grouped(used)), right: true },
    { title: 'room', value: ({ maxEntries }) => grouped(maxEntries), right: true },
    { title: 'key', value: ({ keySize }) => keySize, right: true },
    { title: 'value', value: ({ valueSize }) => valueSize, right: true },
  ]);
}
