import { Command } from 'commander';
import { action } from '../cli.ts';
import { write } from '../output.ts';

/** `hopline metrics` */
export function metricsCommand(): Command {
  return new Command('metrics')
    .description("print what Prometheus would scrape (the controller serves it with 'run --metrics HOST:PORT')")
    .action(
      action(async (context) => {
        for (const piece of await (await context.operations()).metrics()) write(piece);
      }),
    );
}
