import { resolve } from 'node:path';
import { Command } from 'commander';
import { action } from '../cli.ts';

/** `hopline upgrade` */
export function upgradeCommand(): Command {
  return new Command('upgrade')
    .description('replace the running programs by those of this version, in place; loses no packet')
    .addHelpText(
      'after',
      '\nThe controller does this by itself when it starts. With --object FILE: those of that file, until it starts again.\n',
    )
    .action(
      action(async (context) => {
        const operations = await context.operations();
        const object = context.options.object ?? process.env.HOPLINE_OBJECT;
        context.print(await operations.upgrade(object === undefined ? undefined : resolve(object)), ({ replaced }) =>
          replaced ? 'the programs were replaced\n' : 'the programs that run are those already\n',
        );
      }),
    );
}
