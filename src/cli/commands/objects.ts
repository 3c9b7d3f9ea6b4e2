import { Command } from 'commander';
import { Failure } from '../../daemon/failure.ts';
import type { DeviceView, InterfaceView, LegView } from '../../daemon/operations.ts';
import { action } from '../cli.ts';
import { grouped, renderFields, renderTable } from '../table.ts';

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

/** `hopline device list|show` */
export function deviceCommand(): Command {
  const command = new Command('device').description('devices and their legs');
  command
    .command('list')
    .description('all devices')
    .action(action(async (context) => context.print(await (await context.operations()).listDevices(), renderDevices)));
  command
    .command('show <name>')
    .description('one device')
    .action(
      action(async (context, name: string) => {
        const devices = await (await context.operations()).listDevices();
        context.print(findNamed('device', devices, name), renderDevice);
      }),
    );
  return command;
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

function renderDevices(devices: readonly DeviceView[]): string {
  const rows = devices.flatMap((device) => device.legs.map((leg, place) => ({ device, leg, first: place === 0 })));
  return renderTable(
    rows,
    [
      { title: 'device', value: ({ device, first }) => (first ? device.name : '') },
      { title: 'kind', value: ({ device, first }) => (first ? kindOf(device) : '') },
      { title: 'leg', value: ({ leg }) => leg.name },
      { title: 'at', value: ({ leg }) => placeOf(leg) },
      { title: 'mac', value: ({ leg }) => leg.mac ?? 'unknown' },
      { title: 'packets', value: ({ leg }) => grouped(leg.sent.packets), right: true },
      { title: 'bytes', value: ({ leg }) => grouped(leg.sent.bytes), right: true },
      { title: 'services', value: ({ device, first }) => (first ? device.services.length : ''), right: true },
    ],
    'No devices are defined.',
  );
}

function renderDevice(device: DeviceView): string {
  const fields = renderFields([
    ['device', device.name],
    ['kind', device.kind],
    ['function', device.function],
    ['vendor', device.vendor],
    ['mode', device.mode],
    ['address', device.address],
    ['services', device.services.join(', ') || 'none'],
  ]);
  const legs = renderTable(device.legs, [
    { title: 'leg', value: ({ name }) => name },
    { title: 'at', value: placeOf },
    { title: 'mac', value: ({ mac }) => mac ?? 'unknown' },
    { title: 'address', value: ({ address }) => address },
    { title: 'packets sent', value: ({ sent }) => grouped(sent.packets), right: true },
    { title: 'bytes', value: ({ sent }) => grouped(sent.bytes), right: true },
  ]);
  return `${fields}\n${legs}`;
}

function kindOf(device: DeviceView): string {
  return [device.kind, device.function, device.mode].filter((word) => word !== undefined).join(' ');
}

function placeOf({ interface: name, vlans }: LegView): string {
  return vlans.length === 0 ? name : `${name} vlan ${vlans.join('.')}`;
}
