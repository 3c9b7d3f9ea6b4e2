import { Command } from 'commander';
import { EXIT } from '../../api-types/failure.ts';
import type { DeviceCommand, DeviceReport } from '../../api-types/health-operations.ts';
import type { DeviceView, LegView } from '../../api-types/operations.ts';
import { sentence } from '../../notify/journal.ts';
import { renderChange } from '../change.ts';
import { action } from '../cli.ts';
import { ago, renderHealth, stateOf } from '../health.ts';
import { grouped, renderFields, renderTable } from '../table.ts';
import { findNamed } from './objects.ts';

/** `hopline device list|show|drain|maintenance|restore|replace` */
export function deviceCommand(): Command {
  const command = new Command('device').description('devices, their legs, and whether they work');
  command
    .command('list')
    .description('all devices')
    .action(action(async (context) => context.print(await (await context.operations()).listDevices(), renderDevices)));
  command
    .command('show <name>')
    .description('one device: what is thought of it, and what its probes say')
    .action(
      action(async (context, name: string) => {
        const devices = await (await context.operations()).listDevices();
        context.print(findNamed('device', devices, name), renderDevice);
      }),
    );
  const verb = (name: DeviceCommand, description: string, help: string) =>
    command
      .command(`${name} <device>`)
      .description(description)
      .addHelpText('after', help)
      .action(
        action(async (context, device: string) => {
          const report = await (await context.operations()).commandDevice(device, name);
          context.print(report, renderReport);
          return codeOf(report);
        }),
      );
  verb(
    'drain',
    'leave it as soon as another can take over; no packet is lost',
    `
Pools move to another member. When nothing is inside the device any more it is out for maintenance ("device list").
Where nobody can take over it stays until somebody can: exit code 1. It is back with: hopline device restore DEVICE
`,
  );
  verb(
    'maintenance',
    'leave it now, whoever takes over',
    '\nLike drain, without waiting for anybody. It is back with: hopline device restore DEVICE\n',
  );
  verb(
    'restore',
    'it may work again; also ends replace',
    `
Of a device that failed: an inline one comes back when told, by this command, as soon as it answers. Pools that went
on to another member stay there; move them with: hopline pool use POOL MEMBER
`,
  );
  command
    .command('replace <device> <by>')
    .description('let another device do all it does, in every service; one plan, one report')
    .addHelpText(
      'after',
      `
Pools that have both turn by one store. Services (and pools) that name the device without the other are written anew
with the other in its place, all at once. The device then drains. Kept over restarts and applies, until:
  hopline device restore DEVICE

Example:
  hopline device replace fw1 fw2
`,
    )
    .action(
      action(async (context, device: string, by: string) => {
        const report = await (await context.operations()).replaceDevice(device, by);
        context.print(report, renderReport);
        return codeOf(report);
      }),
    );
  return command;
}

/** What was asked for could not be: nobody can take over, and it goes on working. */
const codeOf = ({ events }: DeviceReport): number =>
  events.some(({ what }) => what === 'refused') ? EXIT.failed : EXIT.ok;

function renderReport({ device, state, reason, events, change }: DeviceReport): string {
  const lines = [`${device}: ${state}: ${reason}`, ...events.map((event) => `  ${sentence(event)}`)];
  return `${lines.join('\n')}\n${change === undefined ? '' : renderChange(change)}`;
}

function renderDevices(devices: readonly DeviceView[]): string {
  const rows = devices.flatMap((device) => device.legs.map((leg, place) => ({ device, leg, first: place === 0 })));
  return renderTable(
    rows,
    [
      { title: 'device', value: ({ device, first }) => (first ? device.name : '') },
      { title: 'kind', value: ({ device, first }) => (first ? kindOf(device) : '') },
      { title: 'state', value: ({ device, first }) => (first ? stateOf(device.health) : '') },
      { title: 'for', value: ({ device, first }) => (first ? since(device) : '') },
      { title: 'leg', value: ({ leg }) => leg.name },
      { title: 'at', value: ({ leg }) => placeOf(leg) },
      { title: 'mac', value: ({ device, leg }) => macOf(device, leg) },
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
    ['mode', modeOf(device)],
    ['address', device.address],
    ['state', stateOf(device.health)],
    ['replaced by', device.replacedBy],
    ['services', device.services.join(', ') || 'none'],
  ]);
  const legs = renderTable(device.legs, [
    { title: 'leg', value: ({ name }) => name },
    { title: 'at', value: placeOf },
    { title: 'mac', value: (leg) => macOf(device, leg) },
    { title: 'address', value: ({ address }) => address },
    { title: 'packets sent', value: ({ sent }) => grouped(sent.packets), right: true },
    { title: 'bytes', value: ({ sent }) => grouped(sent.bytes), right: true },
  ]);
  const health = device.health.length === 0 ? '' : `\n${renderHealth(device.health)}`;
  const unwatched = device.unwatched.map((problem) => `cannot be watched: ${problem}\n`);
  const parts = [fields, legs, health.trimStart(), renderPackets(device), unwatched.join(''), reminderOf(device)];
  return parts.filter((part) => part !== '').join('\n');
}

/** What its probes send; of those that fail also how they are let through. */
function renderPackets({ packets, health }: DeviceView): string {
  if (packets.length === 0) return '';
  const table = renderTable(packets, [
    { title: 'probe', value: ({ probe }) => probe },
    { title: 'way', value: ({ direction }) => direction ?? '-' },
    { title: 'sends', value: ({ words }) => words },
  ]);
  const failing = new Set(
    health.flatMap(({ signs }) => signs.filter(({ verdict }) => verdict === 'failing').map(({ name }) => name)),
  );
  const rules = new Set(packets.filter(({ probe }) => failing.has(probe)).flatMap((packet) => packet.rules));
  if (rules.size === 0) return table;
  const lines = [...rules].map((rule) => `  ${rule}\n`).join('');
  return `${table}\nDoes a rule of the device stop it? These let it through, with the table and chain that you have:\n${lines}`;
}

/** Firewalls forget flows that are elsewhere for a while, and drop them when they come back. */
function reminderOf(device: DeviceView): string {
  if (device.function !== 'firewall' || device.forwards === 'bridge') return '';
  return 'A Linux firewall that drops `ct state invalid` cuts long flows that were elsewhere for a while: sysctl -w net.netfilter.nf_conntrack_tcp_be_liberal=1 there.\n';
}

/** A bridging device has none that anybody sends to: frames to it have the engine's own. */
function macOf({ forwards }: DeviceView, { mac }: LegView): string {
  return mac ?? (forwards === 'bridge' ? '-' : 'unknown');
}

function since({ health: [own] }: DeviceView): string {
  return own === undefined ? '-' : ago(own.since);
}

/** A mode that was left open says how far finding it out came. */
function modeOf({ mode, auto }: DeviceView): string | undefined {
  if (auto === 'sought') return `auto (not known yet, ${mode} meanwhile)`;
  if (auto === 'found') return `${mode} (found)`;
  return auto === 'checked' ? `${mode} (found, being tried again)` : mode;
}

function kindOf(device: DeviceView): string {
  const mode = device.auto === 'sought' ? 'auto' : device.mode;
  return [device.kind, device.function, mode].filter((word) => word !== undefined).join(' ');
}

function placeOf({ interface: name, vlans }: LegView): string {
  return vlans.length === 0 ? name : `${name} vlan ${vlans.join('.')}`;
}
