import { Argument, Command } from 'commander';
import type { Operations } from '../../api-types/operations.ts';
import { action } from '../cli.ts';
import { write } from '../output.ts';

const LISTS = {
  service: (operations: Operations) => operations.listServices(),
  device: (operations: Operations) => operations.listDevices(),
  pool: (operations: Operations) => operations.listPools(),
  interface: (operations: Operations) => operations.listInterfaces(),
  map: (operations: Operations) => operations.listMaps(),
};

/** The shell expands what completion offers: a name with anything else in it is not offered. */
const HARMLESS = /^[\p{L}\p{N}_.:@%+/-]+$/u;

/** `hopline names KIND`: what completion offers, a line each. Not listed by --help. */
export function namesCommand(): Command {
  return new Command('names')
    .description('names of services, devices, pools, interfaces or maps, for completion')
    .addArgument(new Argument('<kind>').choices(Object.keys(LISTS)))
    .action(
      action(async (context, kind: keyof typeof LISTS) => {
        const items: readonly { readonly name: string }[] = await LISTS[kind](await context.operations());
        write(
          items
            .filter(({ name }) => HARMLESS.test(name))
            .map(({ name }) => `${name}\n`)
            .join(''),
        );
      }),
    );
}
