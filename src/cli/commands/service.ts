import { Command } from 'commander';
import type { ServiceView } from '../../api-types/operations.ts';
import { renderChange } from '../change.ts';
import { action } from '../cli.ts';
import { readInput } from '../input.ts';
import { grouped, renderFields, renderTable } from '../table.ts';
import { findNamed } from './objects.ts';

/** `hopline service list|show|set|delete|regenerate` */
export function serviceCommand(): Command {
  const command = new Command('service').description('services, with live counters');
  command
    .command('list')
    .description('all services')
    .option('--degraded', 'only those that cannot work now (degraded or unavailable)')
    .option('--customer <name>', 'only those of this customer')
    .action(
      action(async (context, options: { degraded?: boolean; customer?: string }) => {
        const services = await (await context.operations()).listServices();
        const wanted = services.filter(
          ({ state, customer }) =>
            (options.degraded !== true || state !== 'up') &&
            (options.customer === undefined || options.customer === customer),
        );
        context.print(wanted, renderServices);
      }),
    );
  command
    .command('show <name>')
    .description('one service')
    .action(
      action(async (context, name: string) => {
        const services = await (await context.operations()).listServices();
        context.print(findNamed('service', services, name), renderService);
      }),
    );
  command
    .command('set <name> [file]')
    .description(
      'add or change one service; the file (or standard input) holds what stands under its name, YAML or JSON',
    )
    .addHelpText(
      'after',
      "\nExample:\n  echo '{address: 198.51.100.7, protocol: tcp, port: 80, sequence: [firewalls, app1]}' | hopline service set shop2\n",
    )
    .action(
      action(async (context, name: string, file: string | undefined) => {
        const written = await readInput(file ?? '-');
        const { readYaml } = await import('../../control/change/read.ts');
        const operations = await context.operations();
        context.print(await operations.setService(name, readYaml(written)), renderChange);
      }),
    );
  command
    .command('delete <name>')
    .description('remove one service')
    .action(
      action(async (context, name: string) =>
        context.print(await (await context.operations()).deleteService(name), renderChange),
      ),
    );
  command
    .command('regenerate [name]')
    .description('compile what is defined again and make the tables hold it: one service, or all; loses no packet')
    .addHelpText(
      'after',
      `
Needed when somebody changed tables by hand ("map set"); what is right already stays untouched.
`,
    )
    .action(
      action(async (context, name: string | undefined) =>
        context.print(await (await context.operations()).regenerate(name), renderChange),
      ),
    );
  return command;
}

function renderServices(services: readonly ServiceView[]): string {
  return renderTable(
    services,
    [
      { title: 'service', value: ({ name }) => name },
      { title: 'customer', value: ({ customer }) => customer },
      { title: 'address', value: ({ addresses }) => addresses.join(', ') },
      { title: 'protocol', value: ({ protocol }) => protocol },
      { title: 'port', value: ({ ports }) => ports },
      { title: 'sequence', value: ({ sequence }) => sequence.join(' > ') },
      { title: 'state', value: ({ state }) => state },
      { title: 'packets', value: (service) => grouped(service.forward.packets), right: true },
      { title: 'back', value: (service) => grouped(service.return.packets), right: true },
    ],
    'No services.',
  );
}

function renderService(service: ServiceView): string {
  const traffic = (name: 'forward' | 'return') =>
    `${grouped(service[name].packets)} packets, ${grouped(service[name].bytes)} bytes`;
  return renderFields([
    ['service', service.name],
    ['customer', service.customer],
    ['address', service.addresses.join(', ')],
    ['protocol', service.protocol],
    ['port', service.ports],
    ['from', service.from.join(', ')],
    ['sequence', service.sequence.join(' > ')],
    ['state', [service.state, ...service.reasons].join('; ')],
    ['forward', traffic('forward')],
    ['return', traffic('return')],
  ]);
}
