import type { Service } from '../../model/types.ts';
import type { DeviceSpec, HealthSpec, ProbeSpec } from '../../terms/health/spec.ts';
import type { Watched } from '../types.ts';
import { handshakeDraft } from './handshake.ts';
import { type ComposedDevice, LastComposed } from './last-composed.ts';
import { Site, Unable } from './site.ts';
import { type Draft, givenDrafts, negativeDrafts, throughDrafts } from './through.ts';
import type { Composed, ComposedProbe, Materials, Unsendable } from './types.ts';

/**
 * The frames of every probe that the prober sends; probes to an address have none. The same inputs give the same
 * frames, and a frame keeps its number as long as its probe is. 1,000 devices both ways: 5 ms.
 * @param last of the composition before; a device is asked for the same service as long as that one is.
 */
export function composeProbes(
  spec: HealthSpec,
  watched: Watched,
  materials: Materials,
  last = new LastComposed(),
): Composed {
  const site = new Site(watched);
  const { ids, now } = materials;
  last.begin(watched, materials);
  ids.begin();
  const devices = spec.devices.map((device) => {
    const same = last.of(device);
    if (same === undefined) return composeDevice(site, device, materials);
    for (const key of same.keys) ids.take(key, now);
    return same;
  });
  ids.end(now);
  last.end(devices);
  return {
    probes: devices.flatMap(({ probes }) => probes),
    unsendable: devices.flatMap(({ unsendable }) => unsendable),
  };
}

function composeDevice(site: Site, spec: DeviceSpec, materials: Materials): ComposedDevice {
  const { name: device } = spec;
  const keys: string[] = [];
  const probes: ComposedProbe[] = [];
  const unsendable: Unsendable[] = [];
  const services: Service[] = [];
  for (const probe of spec.probes) {
    try {
      const drafts = draftsOf(site, device, probe.question, materials);
      const numbered = drafts.map((draft, place) => ({ ...numberOf(device, probe, draft, place, materials), draft }));
      for (const { key, id, draft } of numbered) {
        const { direction, service, make } = draft;
        keys.push(key);
        probes.push({ device, probe: probe.name, ...(direction !== undefined && { direction }), frame: make(id) });
        if (service !== undefined) services.push(service);
      }
    } catch (error) {
      if (!(error instanceof Unable)) throw error;
      unsendable.push({ device, probe: probe.name, why: error.message });
    }
  }
  return { spec, keys, probes, unsendable, services };
}

/** @throws Unable where there is no number left. */
function numberOf(
  device: string,
  { name }: ProbeSpec,
  { direction }: Draft,
  place: number,
  { ids, now }: Materials,
): { readonly key: string; readonly id: number } {
  const key = `${device} ${name} ${direction ?? ''} ${place}`;
  const id = ids.take(key, now);
  if (id === undefined) throw new Unable('there are too many probes (more than the tables hold)');
  return { key, id };
}

function draftsOf(site: Site, name: string, question: ProbeSpec['question'], materials: Materials): readonly Draft[] {
  const device = () => site.device(name);
  switch (question.kind) {
    case 'through':
      return question.frames === undefined
        ? throughDrafts(site, device(), question, materials)
        : givenDrafts(site, device(), question.frames, materials);
    case 'negative':
      return negativeDrafts(site, device(), question.frames, materials);
    case 'handshake':
      return [handshakeDraft(site, device(), question, materials)];
    default:
      return [];
  }
}
