import { Failure } from '../../api-types/failure.ts';
import { DEFAULT_SIZES } from '../../dataplane/tables/sizes.ts';
import type { Sizes } from '../../dataplane/types.ts';

/** Sizes that tables may not grow beyond. */
export type Limits = Readonly<Partial<Sizes>>;

const TABLES = Object.keys(DEFAULT_SIZES) as readonly (keyof Sizes)[];

/** "slots=100000,names=20000" as limits. @throws Failure refused. */
export function parseLimits(text: string): Limits {
  const limits: { -readonly [K in keyof Sizes]?: number } = {};
  for (const part of text.split(',').filter((part) => part !== '')) {
    const [, name, digits] = /^\s*(\w+)\s*=\s*([1-9]\d{0,8})\s*$/.exec(part) ?? [];
    const table = TABLES.find((each) => each === name);
    if (table === undefined) {
      throw new Failure(
        'refused',
        `limit ${part}: not a limit (write TABLE=ENTRIES, as slots=100000; tables are ${TABLES.join(', ')})`,
      );
    }
    limits[table] = Number(digits);
  }
  return limits;
}
