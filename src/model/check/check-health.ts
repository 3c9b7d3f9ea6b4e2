/** What devices and pools say about health has to be possible for them. */
import { probeSpec } from '../../terms/health/defaults.ts';
import type { Question } from '../../terms/health/question.ts';
import { durationText } from '../durations.ts';
import type { DeviceHealth, FileHealth, HealthRules, ProbeRule } from '../health-types.ts';
import type { Path, Report } from '../problem.ts';
import { didYouMean } from '../suggest.ts';
import type { Device, Pool } from '../types.ts';
import { checkIdle, type Said } from './check-idle.ts';

interface Fabric {
  readonly devices: ReadonlyMap<string, Device>;
  readonly pools: ReadonlyMap<string, Pool>;
}

export function checkHealth(fabric: Fabric, file: FileHealth, report: Report): void {
  for (const said of everythingSaid(fabric)) {
    if (file.off) {
      const message = `${said.who} says how it is watched, and nothing is: health is off for the whole file`;
      report({ path: said.path, key: true, message, hint: 'leave one of the two out' });
      continue;
    }
    checkProbes(said, file, report);
    checkNeed(said, report);
    checkLimits(said, report);
    checkIdle(said, report);
  }
  if (!file.off) checkPools(fabric, report);
}

/** What pools say of a device as a whole, and not of an application: two of them cannot say it differently. */
const OF_ALL = {
  interval: 'how often it is asked',
  need: 'how many probes have to pass',
  comesBack: 'when it comes back',
  flaps: 'when it flaps',
  alarm: 'what raises the alarm',
  drain: 'how long it drains',
} as const;

function checkPools({ devices, pools }: Fabric, report: Report): void {
  const said = [...pools.values()].filter(({ health }) => health !== undefined);
  for (const device of devices.values()) {
    if (device.health !== undefined) continue;
    const own = said.filter(({ members }) => members.includes(device.name));
    for (const [i, pool] of own.entries()) {
      const other = own.slice(0, i).find((each) => difference(each.health!, pool.health!) !== undefined);
      if (other === undefined) continue;
      const what = difference(other.health!, pool.health!)!;
      const message = `pools ${other.name} and ${pool.name} both have ${device.name}, and do not say alike ${what}`;
      const hint = `say it alike in both, or write health: at device ${device.name}; probes and limits may differ`;
      report({ path: ['pools', pool.name, 'health'], key: true, message, hint });
    }
  }
}

/** What two pools say differently of a device that is in both; undefined where nothing. */
function difference(one: DeviceHealth, other: DeviceHealth): string | undefined {
  if (one === 'off' || other === 'off') return one === other ? undefined : 'whether it is watched';
  const keys = Object.keys(OF_ALL) as (keyof typeof OF_ALL)[];
  const unlike = keys.find((key) => JSON.stringify(one[key]) !== JSON.stringify(other[key]));
  return unlike && OF_ALL[unlike];
}

function everythingSaid({ devices, pools }: Fabric): Said[] {
  const said: Said[] = [];
  for (const device of devices.values()) {
    const { name, health } = device;
    if (health === undefined || health === 'off') continue;
    said.push({ who: `device ${name}`, rules: health, devices: [device], path: ['devices', name, 'health'] });
  }
  for (const { name, members, health } of pools.values()) {
    if (health === undefined || health === 'off') continue;
    const silent = members
      .flatMap((member) => devices.get(member) ?? [])
      .filter((device) => device.health === undefined);
    said.push({ who: `pool ${name}`, rules: health, devices: silent, path: ['pools', name, 'health'] });
  }
  return said;
}

function checkProbes({ who, rules, devices, path }: Said, file: FileHealth, report: Report): void {
  const names = new Set<string>();
  for (const [i, rule] of (rules.probes ?? []).entries()) {
    const { name, question } = rule;
    const at = [...path, 'probes', i];
    const fault = devices.map((device) => impossible(question, device)).find((each) => each !== undefined);
    if (fault !== undefined) {
      report({
        path: [...at, question.kind],
        key: true,
        message: `${who} asks ${question.kind}, and ${fault[0]}`,
        hint: fault[1],
      });
    }
    if (names.has(name)) {
      const place = name === question.kind ? [...at, name] : [...at, 'name'];
      const message = `${who} has two probes named ${name}`;
      report({ path: place, key: name === question.kind, message, hint: `name one of them, as in name: ${name}2` });
    }
    names.add(name);
    checkPace(who, rule, intervalOf(rule, rules, file), [...at, 'limit'], report);
  }
}

/** Why a device cannot be asked this, and what to do. */
function impossible(question: ProbeRule['question'], device: Device): readonly [string, string] | undefined {
  const { name, kind, oneLegged, address, outside } = device;
  switch (question.kind) {
    case 'command':
      return undefined;
    case 'through':
    case 'negative':
      return oneLegged
        ? [
            `${name} has one leg`,
            'ask its address, as in {icmp: {address: 10.0.2.5}}, or give it an outside and an inside leg',
          ]
        : undefined;
    case 'handshake': {
      const ends = kind === 'server' || kind === 'proxy';
      return ends || question.port !== undefined
        ? undefined
        : [
            `no service ends at ${name}`,
            'name a port and an address: {handshake: {port: 443, address: 198.51.100.10}}',
          ];
    }
    default:
      return (question.address ?? address ?? outside.address) === undefined
        ? [
            `${name} has no address`,
            `add address: 10.0.3.11 to the device, or to the probe: {${question.kind}: {address: 10.0.3.11}}`,
          ]
        : undefined;
  }
}

function checkPace(who: string, { name, limit }: ProbeRule, interval: number, path: Path, report: Report): void {
  if (limit === undefined || limit <= 0.8 * interval) return;
  const message = `${who} waits ${durationText(limit)} for ${name}, which is asked every ${durationText(interval)}`;
  report({
    path,
    message,
    hint: `write at most ${durationText(0.8 * interval)} (0.8 of the interval), or a longer interval`,
  });
}

function intervalOf({ question, interval }: ProbeRule, rules: HealthRules, file: FileHealth): number {
  if (interval !== undefined) return interval;
  const own = probeSpec(question as Question).interval;
  return commonInterval(question.kind, rules, file) ?? own;
}

/** An interval that is not a probe's own is for what the engine asks itself: a login every 10 ms would be an attack. */
export function commonInterval(
  kind: Question['kind'],
  rules: HealthRules,
  file: Pick<FileHealth, 'interval'> | undefined,
): number | undefined {
  if (kind === 'through' || kind === 'negative' || kind === 'handshake') return rules.interval ?? file?.interval;
  return kind === 'neighbour' || kind === 'icmp' ? rules.interval : undefined;
}

/** A handshake at every port weighs nobody knows how much. */
function checkNeed({ who, rules: { need, probes }, devices, path }: Said, report: Report): void {
  if (need === undefined) return;
  const everyPort = probes?.some(({ question }) => question.kind === 'handshake' && question.port === undefined);
  if (everyPort ?? devices.some(({ kind }) => kind === 'server' || kind === 'proxy')) return;
  const weight = probes?.reduce((total, each) => total + (each.weight ?? 1), 0) ?? 1;
  if (need <= weight) return;
  const message = `${who} needs probes of weight ${need}, and all of them weigh ${weight}`;
  report({
    path: [...path, 'need'],
    message,
    hint: `write at most ${weight}, or leave need out: then all have to pass`,
  });
}

function checkLimits({ who, rules: { limits, probes }, path }: Said, report: Report): void {
  for (const [i, { measure, of }] of limits.entries()) {
    if (of === undefined) continue;
    const at = [...path, 'limits', i, 'of'];
    const names = probes?.map(({ name }) => name) ?? ['through', 'handshake', 'neighbour'];
    if (measure !== 'latency' && measure !== 'loss') {
      const message = `${who} limits ${measure} of ${of}, and only latency and loss are measured by probes`;
      report({ path: at, message, hint: 'leave of out' });
    } else if (!names.includes(of)) {
      const message = `${who} limits the ${measure} of ${of}, which is none of its probes`;
      report({ path: at, message, hint: didYouMean(of, names) });
    }
  }
}
