import type { Prober } from '../../dataplane/probe/prober-types.ts';
import { Limit } from '../../terms/constants.ts';
import type { HealthSpec } from '../../terms/health/spec.ts';
import { composeProbes } from '../frames/compose.ts';
import { FrameIds } from '../frames/ids.ts';
import { LastComposed } from '../frames/last-composed.ts';
import type { ComposedProbe, Materials } from '../frames/types.ts';
import type { Watched } from '../types.ts';
import { readCaptures } from './captures.ts';

/** Where handshakes come from when the definitions say nothing. */
const SOURCES = { v4: '192.0.0.8', v6: '100::8' };

/** Composes the frames of what is in force and gives them to the prober. */
export class Composer {
  readonly #prober: Prober;
  readonly #ids = new FrameIds(Limit.MAX_PROBES);
  readonly #last = new LastComposed();
  #files: Materials['files'] = new Map();
  #probes: readonly ComposedProbe[] = [];

  constructor(prober: Prober) {
    this.#prober = prober;
  }

  /**
   * @param isNew other definitions than before: capture files are read again.
   * @returns the frames that are sent from now on, and what cannot be, as sentences.
   */
  compose(
    spec: HealthSpec,
    watched: Watched,
    isNew: boolean,
    now: number,
  ): { readonly probes: readonly ComposedProbe[]; readonly problems: readonly string[] } {
    if (isNew) this.#files = readCaptures(spec);
    const sources = watched.model.health?.source ?? SOURCES;
    const { cookie } = this.#prober;
    const materials = { cookie, ids: this.#ids, sources, files: this.#files, now };
    const composed = composeProbes(spec, watched, materials, this.#last);
    const problems = composed.unsendable.map(({ device, probe, why }) => `${probe} of ${device}: ${why}`);
    try {
      this.#prober.define(
        composed.probes.map(({ frame }) => frame),
        sources,
      );
      this.#probes = composed.probes;
    } catch (error) {
      // Those before are still sent.
      problems.unshift(`probes cannot be changed: ${(error as Error).message}`);
    }
    return { probes: this.#probes, problems };
  }
}
