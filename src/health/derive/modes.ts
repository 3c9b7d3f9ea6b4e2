import { singlePortsOf } from '../../model/applications.ts';
import { commonInterval } from '../../model/check/check-health.ts';
import type { FileHealth, HealthRules } from '../../model/health-types.ts';
import type { Device, Model } from '../../model/types.ts';
import { probeSpec } from '../../terms/health/defaults.ts';
import type { ProbeSpec } from '../../terms/health/spec.ts';
import type { Verdict } from '../machine/run.ts';
import type { FleetView } from '../machine/view.ts';
import { usageOf } from './added-up.ts';
import { type Addresses, applicationsOf } from './probes.ts';

/** Both are only reported: neither says whether the device works. */
const SERVICE_PROBE = 'mode loopback';
const OWN_PROBE = 'mode nat';

/** What the mode of a device is tried with: handshakes at one port, to one or two addresses. */
interface Trial {
  readonly port: number;
  /** The service's: a loopback or alias server answers for it. */
  readonly service: string;
  /** The device's: a nat server answers for it; undefined where none is known, and nat is out of the question. */
  readonly own: string | undefined;
}

/** Whether the mode of a device is being tried. */
export const isTried = ({ auto }: Device): boolean => auto === 'sought' || auto === 'checked';

/** The first single port of TCP that services have at a device; undefined where there is none. */
function trialOf({ address, outside }: Device, applications: Addresses): Trial | undefined {
  for (const [application, [service]] of applications) {
    const [port] = application.startsWith('tcp/') ? singlePortsOf(application) : [];
    if (port !== undefined && service !== undefined) return { port, service, own: address ?? outside.address };
  }
  return undefined;
}

/** Handshakes that tell the modes of a device apart; none where its mode is not tried. */
export function modeProbes(
  device: Device,
  applications: Addresses,
  rules: HealthRules,
  file: FileHealth | undefined,
): readonly ProbeSpec[] {
  const trial = isTried(device) ? trialOf(device, applications) : undefined;
  if (trial === undefined) return [];
  const interval = commonInterval('handshake', rules, file);
  const given = { weight: 0, trial: true, ...(interval !== undefined && { interval }) };
  const probe = (name: string, address: string): ProbeSpec =>
    probeSpec({ kind: 'handshake', port: trial.port, address }, { name, ...given });
  const probes = [probe(SERVICE_PROBE, trial.service)];
  return trial.own === undefined ? probes : [...probes, probe(OWN_PROBE, trial.own)];
}

/** What trying a mode came to. `both` and `neither` say nothing; `open`: not enough answers or losses yet. */
export interface ModeFinding {
  readonly device: string;
  readonly is: 'loopback' | 'nat' | 'both' | 'neither' | 'open';
  /** Who answers for what, as a sentence. */
  readonly reason: string;
}

/** What was found out about every device whose mode is being tried. */
export function findModes(model: Model, view: () => FleetView): readonly ModeFinding[] {
  const tried = [...model.devices.values()].filter(isTried);
  if (tried.length === 0) return [];
  const { usage } = usageOf(model);
  const rows = new Map(view().devices.flatMap((row) => (row.application === undefined ? [[row.device, row]] : [])));
  return tried.map((device) => {
    const pools = [...model.pools.values()].filter(({ members }) => members.includes(device.name));
    const uses = [device.name, ...pools.map(({ name }) => name)].map((target) => usage.usesOf(target));
    const trial = trialOf(device, applicationsOf(uses));
    if (trial === undefined) return { device: device.name, is: 'open', reason: 'no service of TCP ends there' };
    const verdicts = new Map(rows.get(device.name)?.probes.map(({ name, verdict }) => [name, verdict]));
    return { device: device.name, ...judge(trial, verdicts) };
  });
}

function judge({ port, service, own }: Trial, verdicts: ReadonlyMap<string, Verdict>): Omit<ModeFinding, 'device'> {
  const to = `a handshake on tcp/${port}`;
  const asService = verdicts.get(SERVICE_PROBE) ?? 'unknown';
  const asOwn = own === undefined ? 'failing' : (verdicts.get(OWN_PROBE) ?? 'unknown');
  if (asService === 'unknown' || asOwn === 'unknown') return { is: 'open', reason: `${to} is being tried` };
  if (asService === 'passing' && asOwn === 'passing') {
    const cure = 'write mode: loopback, alias or nat';
    return { is: 'both', reason: `both ${service} and ${own} answer ${to} (${cure})` };
  }
  if (asService === 'passing') {
    const other = own === undefined ? '' : `, ${own} does not`;
    return { is: 'loopback', reason: `${service} answers ${to}${other}` };
  }
  if (asOwn === 'passing') return { is: 'nat', reason: `${own} answers ${to}, ${service} does not` };
  const nobody = own === undefined ? `${service} does not answer ${to}` : `neither ${service} nor ${own} answers ${to}`;
  return { is: 'neither', reason: nobody };
}
