import type { Direction } from '../../terms/health/spec.ts';
import type { Hint } from './report.ts';

interface Row {
  frames: number;
  windows: number;
}

/** Frames that went into a device in a row of windows in which none came out, for each direction. */
export class Silence {
  readonly #rows: Record<Direction, Row> = { forward: { frames: 0, windows: 0 }, return: { frames: 0, windows: 0 } };

  /** @returns how many frames are missing, when that is enough to raise the alarm: two windows, `enough` frames. */
  observe({ direction, into, outOf }: Hint & { kind: 'frames' }, enough: number): number | undefined {
    const row = this.#rows[direction];
    if (outOf > 0) {
      row.frames = row.windows = 0;
      return undefined;
    }
    if (into === 0) return undefined;
    row.frames += into;
    row.windows += 1;
    return row.windows >= 2 && row.frames >= enough ? row.frames : undefined;
  }
}
