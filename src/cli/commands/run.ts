import { Command, InvalidArgumentError } from 'commander';
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
    .option('--watch', 'apply the definition file again whenever it changes (SIGHUP does so once)')
    .addHelpText(
      'after',
      `
Without a file at --config it takes up what was applied last. When it ends, or is killed, forwarding goes on.

Examples:
  hopline run --config services.yaml --metrics 127.0.0.1:9750
  kill -HUP PID            apply the file again
`,
    )
    .action(
      action(async (context, options: { metrics?: HostPort; watch?: boolean }) => {
        const { runController } = await import('../../daemon/run.ts');
        const given = context.options;
        await runController(context.instance, {
          file: given.config,
          watch: options.watch === true,
          logLevel: given.logLevel,
          ...(options.metrics === undefined ? {} : { metrics: options.metrics }),
        });
      }),
    );
}

interface HostPort {
  readonly host: string;
  readonly port: number;
}

function hostAndPort(text: string): HostPort {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65535) throw new InvalidArgumentError('host:port, as 127.0.0.1:9750 or [::1]:9750');
  return { host: match[1] ?? (match[2] === '' ? '::' : match[2]!), port };
}
