import { Command } from 'commander';
import { action } from '../cli.ts';

/** `hopline upgrade` */
export function upgradeCommand(): Command {
  return new Command('upgrade')
    .description('replace the running programs by those of this version, in place; loses no packet')
    .addHelpText('after', '\nThe controller does this by itself when it starts.\n')
    .action(
      action(async (context) => {
        const operations = await context.operations();
        context.print(await operations.upgrade(), ({ replaced }) =>
          replaced ? 'the programs were replaced\n' : 'the programs that run are those of this version already\n',
        );
      }),
    );
}
