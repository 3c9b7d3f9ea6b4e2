import { Command, Option } from 'commander';
import { EXIT, EXIT_MEANING } from '../api-types/failure.ts';
import { VERSION } from '../api-types/version.ts';
import { attachCommand, detachCommand } from './commands/attach.ts';
import { completionCommand } from './commands/completion.ts';
import { countersCommand } from './commands/counters.ts';
import { applyCommand, checkCommand, diffCommand } from './commands/definitions.ts';
import { deviceCommand } from './commands/device.ts';
import { eventsCommand } from './commands/events.ts';
import { exportCommand, historyCommand, rollbackCommand } from './commands/history.ts';
import { mapCommand } from './commands/map.ts';
import { metricsCommand } from './commands/metrics.ts';
import { namesCommand } from './commands/names.ts';
import { interfaceCommand } from './commands/objects.ts';
import { poolCommand } from './commands/pool.ts';
import { runCommand } from './commands/run.ts';
import { serviceCommand } from './commands/service.ts';
import { statusCommand } from './commands/status.ts';
import { topCommand } from './commands/top.ts';
import { upgradeCommand } from './commands/upgrade.ts';

const EXAMPLES = `
Examples:
  hopline check services.yaml            is this file right?
  hopline diff services.yaml             what would change?
  hopline apply services.yaml            change it; no packet is lost
  hopline run --config services.yaml     the controller: keeps it so, follows neighbours, serves /metrics
  hopline status                         is everything well?
  hopline pool use firewalls fw2         move every service off fw1, at once
  hopline device drain fw1               let it go when another can take over; restore brings it back
  hopline events --follow                who failed, who took over, and why
  hopline counters --watch               packets and bits a second per service, hop and device; what is lost
  hopline top                            the busiest services, devices and drops, live
`;

function exitCodes(): string {
  const rows = Object.entries(EXIT).map(([name, code]) => `  ${code}  ${EXIT_MEANING[name as keyof typeof EXIT]}`);
  return `\nExit codes:\n${rows.join('\n')}\n`;
}

/** The whole command line. Throws CommanderError instead of ending the process. */
export function buildProgram(): Command {
  const program = new Command('hopline')
    .description('A packeting engine: every packet of a service walks an ordered sequence of devices, at XDP speed.')
    .version(VERSION, '-V, --version')
    .option('--instance <name>', 'engine to speak to, where several run on one machine (default: "default")')
    .option('--config <file>', 'definition file', '/etc/hopline/hopline.yaml')
    .option('--socket <path>', 'control socket (default: /run/hopline/INSTANCE.sock)')
    .option('--object <file>', 'compiled programs, hopline.bpf.o')
    .option('--limits <table=entries,...>', 'sizes that tables may not grow beyond, as slots=100000,names=20000')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['table', 'json']).default('table'))
    .addOption(
      new Option('--log-level <level>', 'of the controller')
        .choices(['debug', 'info', 'warn', 'error'])
        .default('info'),
    )
    .addHelpText('after', `${EXAMPLES}${exitCodes()}`)
    .configureHelp({ sortSubcommands: false });
  const commands = [
    attachCommand(),
    detachCommand(),
    statusCommand(),
    checkCommand(),
    diffCommand(),
    applyCommand(),
    rollbackCommand(),
    historyCommand(),
    exportCommand(),
    upgradeCommand(),
    serviceCommand(),
    deviceCommand(),
    poolCommand(),
    interfaceCommand(),
    eventsCommand(),
    countersCommand(),
    topCommand(),
    mapCommand(),
    metricsCommand(),
    runCommand(),
    completionCommand(program),
  ];
  for (const command of commands) program.addCommand(command);
  program.addCommand(namesCommand(), { hidden: true });
  return throwInsteadOfExit(program);
}

function throwInsteadOfExit(command: Command): Command {
  command.exitOverride();
  command.commands.forEach(throwInsteadOfExit);
  return command;
}
