import type { Policy } from '../../terms/health/spec.ts';
import type { Sign } from './run.ts';

export interface Fitness {
  readonly fit: 'fit' | 'unfit' | 'unknown';
  /** What fails, or "all 3 pass". */
  readonly words: string;
}

/** Adds up what the signs of a device say. A sign nothing is known of yet neither condemns nor acquits. */
export function assess(signs: readonly Sign[], need: Policy['need']): Fitness {
  const counted = signs.filter(({ weight }) => weight > 0);
  const failing = counted.filter(({ verdict }) => verdict === 'failing');
  const passing = counted.filter(({ verdict }) => verdict === 'passing');
  const all = sum(counted);
  const enough = need === 'all' ? all : Math.min(need, all);
  if (all - sum(failing) < enough) return { fit: 'unfit', words: failing.map((sign) => sign.words()).join('; ') };
  if (sum(passing) < enough) return { fit: 'unknown', words: 'no answers yet' };
  return { fit: 'fit', words: counted.length === 0 ? 'nothing is asked of it' : 'it answers' };
}

/** The version of IP that a device which is unfit as a whole is fit for; undefined where it is for none. */
export function partlyFit(signs: readonly Sign[], need: Policy['need']): 4 | 6 | undefined {
  return ([4, 6] as const).find((family) => {
    const own = signs.filter((sign) => sign.family === undefined || sign.family === family);
    return own.some((sign) => sign.family === family && sign.weight > 0) && assess(own, need).fit === 'fit';
  });
}

const sum = (signs: readonly Sign[]): number => signs.reduce((total, { weight }) => total + weight, 0);
