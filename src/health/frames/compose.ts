import type { HealthSpec, ProbeSpec } from '../machine/spec.ts';
import type { Watched } from '../types.ts';
import { handshakeDraft } from './handshake.ts';
import { Site, Unable } from './site.ts';
import { type Draft, givenDrafts, negativeDrafts, throughDrafts } from './through.ts';
import type { Composed, ComposedProbe, Materials, Unsendable } from './types.ts';

/**
 * The frames of every probe that the prober sends; probes to an address have none. The same inputs give the same
 * frames, and a frame keeps its number as long as its probe is. 1,000 devices both ways: 5 ms.
 */
export function composeProbes(spec: HealthSpec, watched: Watched, materials: Materials): Composed {
  const site = new Site(watched);
  const probes: ComposedProbe[] = [];
  const unsendable: Unsendable[] = [];
  materials.ids.begin();
  for (const { name: device, probes: asked } of spec.devices) {
    for (const probe of asked) {
      try {
        probes.push(...composeOne(site, device, probe, materials));
      } catch (error) {
        if (!(error instanceof Unable)) throw error;
        unsendable.push({ device, probe: probe.name, why: error.message });
      }
    }
  }
  materials.ids.end(materials.now);
  return { probes, unsendable };
}

function composeOne(site: Site, device: string, { name, question }: ProbeSpec, materials: Materials): ComposedProbe[] {
  const drafts = draftsOf(site, device, question, materials);
  return drafts.map(({ direction, make }, place) => {
    const key = `${device} ${name} ${direction ?? ''} ${place}`;
    const id = materials.ids.take(key, materials.now);
    if (id === undefined) throw new Unable('there are too many probes (more than the tables hold)');
    return { device, probe: name, ...(direction !== undefined && { direction }), frame: make(id) };
  });
}

function draftsOf(site: Site, name: string, question: ProbeSpec['question'], materials: Materials): readonly Draft[] {
  const device = () => site.device(name);
  switch (question.kind) {
    case 'through':
      return question.frames === undefined
        ? throughDrafts(site, device(), question.protocol ?? 'udp', materials)
        : givenDrafts(site, device(), question.frames, materials);
    case 'negative':
      return negativeDrafts(site, device(), question.frames, materials);
    case 'handshake':
      return [handshakeDraft(site, device(), question, materials)];
    default:
      return [];
  }
}
