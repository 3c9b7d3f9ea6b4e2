import { Command, Option } from 'commander';
import { Failure } from '../../api-types/failure.ts';
import type { AttachMode, AttachReport } from '../../api-types/operations.ts';
import { action } from '../cli.ts';

/** `hopline attach NIC...` */
export function attachCommand(): Command {
  const mode = new Option('--mode <mode>', 'native: in the driver; generic: in the kernel, works everywhere, slower');
  return new Command('attach')
    .description('attach the engine to NICs; stays when the controller ends')
    .argument('<nic...>', 'NICs of this network namespace')
    .addOption(mode.choices(['auto', 'native', 'generic']).default('auto'))
    .addHelpText('after', '\nExamples:\n  hopline attach i0 i1 i2\n  hopline attach --mode generic eth3\n')
    .action(
      action(async (context, nics: string[], options: { mode: AttachMode }) => {
        const operations = await context.operations();
        context.print(await operations.attach(nics, options.mode), renderAttached);
      }),
    );
}

/** `hopline detach NIC... | --all` */
export function detachCommand(): Command {
  return new Command('detach')
    .description('detach the engine; the packets of these NICs go to the kernel again')
    .argument('[nic...]', 'NICs; none with --all')
    .option('--all', 'every NIC, and remove all tables: the engine is gone afterwards')
    .action(
      action(async (context, nics: string[], options: { all?: boolean }) => {
        if (nics.length === 0 && options.all !== true)
          throw new Failure('refused', 'detach: which NIC? (name it, or --all)');
        const operations = await context.operations();
        const detached = await operations.detach(options.all === true ? [] : nics);
        context.print(detached, (names) =>
          names.length === 0 ? 'Nothing was attached.\n' : names.map((nic) => `${nic}: detached\n`).join(''),
        );
      }),
    );
}

function renderAttached(reports: readonly AttachReport[]): string {
  return reports.map(renderReport).join('');
}

function renderReport({ nic, mode, why, warnings }: AttachReport): string {
  const lines = warnings.map(({ severity, what, cure }) => `  ${severity}: ${what} (${cure})\n`);
  return `${nic}: attached, ${mode} (${why})\n${lines.join('')}`;
}
