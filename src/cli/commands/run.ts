import { Command, InvalidArgumentError } from 'commander';
import type { Notify } from '../../notify/notify.ts';
import { action } from '../cli.ts';

/** `hopline run` */
export function runCommand(): Command {
  return new Command('run')
    .description('the controller: applies the definitions, follows neighbours and NICs, answers commands and /metrics')
    .option(
      '--metrics <host:port>',
      'serve /metrics for Prometheus here (it is on the control socket anyway)',
      hostAndPort,
    )
    .option('--notify-webhook <url>', 'POST every event there as JSON (may be given several times)', webhook, [])
    .option('--notify-command <command>', 'run this for every event: JSON on its standard input', program, [])
    .option('--watch', 'apply the definition file again whenever it changes (SIGHUP does so once)')
    .addHelpText(
      'after',
      `
Without a file at --config it takes up what was applied last. When it ends, or is killed, forwarding goes on.

Examples:
  hopline run --config services.yaml --metrics 127.0.0.1:9750
  hopline run --notify-webhook https://ops.example.com/hook --notify-command "/usr/lib/tell ops"
  kill -HUP PID            apply the file again
`,
    )
    .action(
      action(async (context, options: Options) => {
        const { runController } = await import('../../daemon/run.ts');
        const given = context.options;
        await runController(context.instance, {
          file: given.config,
          watch: options.watch === true,
          logLevel: given.logLevel,
          notify: [...options.notifyWebhook, ...options.notifyCommand],
          ...(options.metrics === undefined ? {} : { metrics: options.metrics }),
        });
      }),
    );
}

interface Options {
  readonly metrics?: HostPort;
  readonly watch?: boolean;
  readonly notifyWebhook: readonly Notify[];
  readonly notifyCommand: readonly Notify[];
}

function webhook(url: string, before: readonly Notify[]): readonly Notify[] {
  if (!/^https?:\/\/\S+$/.test(url)) throw new InvalidArgumentError('the address of a web server, as https://…');
  return [...before, { kind: 'webhook', url }];
}

/** Words are separated by blanks; who needs more writes a script, or `health: {notify: …}` in the definitions. */
function program(text: string, before: readonly Notify[]): readonly Notify[] {
  const run = text.split(/\s+/).filter((word) => word !== '');
  if (run.length === 0) throw new InvalidArgumentError('a program and its arguments');
  return [...before, { kind: 'command', run }];
}

interface HostPort {
  readonly host: string;
  readonly port: number;
}

function hostAndPort(text: string): HostPort {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:]*)):([1-9]\d{0,4})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65535) throw new InvalidArgumentError('host:port, as 127.0.0.1:9750 or [::1]:9750');
  return { host: match[1] ?? (match[2] === '' ? '::' : match[2]!), port };
}
