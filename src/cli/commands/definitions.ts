import { Command } from 'commander';
import { renderChange } from '../change.ts';
import { action, type Context } from '../cli.ts';
import { readInput } from '../input.ts';
import { grouped } from '../table.ts';

const FILE = 'definition file, "-" for standard input (default: --config)';

function read(context: Context, file: string | undefined) {
  return readInput(file ?? context.options.config);
}

/** `hopline check [FILE]`: needs no root and no engine. */
export function checkCommand(): Command {
  return new Command('check')
    .description('is a definition file right? touches nothing')
    .argument('[file]', FILE)
    .action(
      action(async (context, file: string | undefined) => {
        const { checkDefinitions } = await import('../../control/change/check.ts');
        const definitions = await read(context, file);
        context.print(
          checkDefinitions(definitions),
          ({ services, devices, steps }) =>
            `${definitions.file}: right; ${grouped(services)} services, ${grouped(devices)} devices, ${grouped(steps)} table entries\n`,
        );
      }),
    );
}

/** `hopline diff [FILE]` */
export function diffCommand(): Command {
  return new Command('diff')
    .description('what would applying this file change? changes nothing')
    .argument('[file]', FILE)
    .action(
      action(async (context, file: string | undefined) => {
        const definitions = await read(context, file);
        context.print(await (await context.operations()).diff(definitions), renderChange);
      }),
    );
}

/** `hopline apply [FILE]` */
export function applyCommand(): Command {
  return new Command('apply')
    .description('make these the definitions; attaches NICs that are not yet, loses no packet')
    .argument('[file]', FILE)
    .option('-n, --dry-run', 'only say what would change')
    .addHelpText(
      'after',
      '\nA wrong file changes nothing: exit code 2, and each problem with its line and what to try.\n',
    )
    .action(
      action(async (context, file: string | undefined, options: { dryRun?: boolean }) => {
        const definitions = await read(context, file);
        const operations = await context.operations();
        const report = options.dryRun === true ? operations.diff(definitions) : operations.apply(definitions);
        context.print(await report, renderChange);
      }),
    );
}
