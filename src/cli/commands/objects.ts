import { Command } from 'commander';
import { Failure } from '../../api-types/failure.ts';
import type { InterfaceView } from '../../api-types/operations.ts';
import { action } from '../cli.ts';
import { renderTable } from '../table.ts';

/** The one of this name. @throws Failure */
export function findNamed<Item extends { readonly name: string }>(
  what: string,
  items: readonly Item[],
  name: string,
): Item {
  const found = items.find((item) => item.name === name);
  if (found === undefined)
    throw new Failure('failed', `show ${what} ${name}: there is none of this name (hopline ${what} list)`);
  return found;
}

/** `hopline interface list|show` */
export function interfaceCommand(): Command {
  const command = new Command('interface').description('interfaces: segments on NICs');
  command
    .command('list')
    .description('all interfaces')
    .action(
      action(async (context) => context.print(await (await context.operations()).listInterfaces(), renderInterfaces)),
    );
  command
    .command('show <name>')
    .description('one interface')
    .action(
      action(async (context, name: string) => {
        const interfaces = await (await context.operations()).listInterfaces();
        context.print(findNamed('interface', interfaces, name), (found) => renderInterfaces([found]));
      }),
    );
  return command;
}

/** Interfaces as a table. */
export function renderInterfaces(interfaces: readonly InterfaceView[]): string {
  return renderTable(
    interfaces,
    [
      { title: 'interface', value: ({ name }) => name },
      { title: 'nic', value: ({ nic }) => nic },
      { title: 'vlan', value: ({ vlans }) => vlans.join('.') || '-' },
      { title: 'faces', value: ({ faces }) => faces.join(', ') },
      { title: 'link', value: ({ present, up }) => (present ? (up ? 'up' : 'down') : 'no such NIC') },
      { title: 'attached', value: ({ mode }) => mode ?? 'no' },
      { title: 'mac', value: ({ mac }) => mac },
      { title: 'mtu', value: ({ mtu }) => mtu, right: true },
      {
        title: 'gateway',
        value: ({ gateways }) =>
          gateways.map(({ address, mac }) => `${address} (${mac ?? 'unknown MAC'})`).join(', ') || '-',
      },
    ],
    'No interfaces are defined.',
  );
}
