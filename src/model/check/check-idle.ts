/** What is said of health and would change nothing is refused: who wrote it believes that it watches something. */
import type { HealthRules, ProbeRule } from '../health-types.ts';
import type { Path, Report } from '../problem.ts';
import type { Device } from '../types.ts';
import { idleOption } from './idle-options.ts';

/** Who says it, whom it is about (nobody: each of them says it itself), and where it stands. */
export interface Said {
  readonly who: string;
  readonly rules: HealthRules;
  readonly devices: readonly Device[];
  readonly path: Path;
}

/** Refuses what has no effect on any of these devices. */
export function checkIdle(said: Said, report: Report): void {
  const { who, devices, path } = said;
  if (devices.length === 0) {
    const message = `${who} says how its members are watched, and each of them says it itself`;
    report({ path, key: true, message, hint: 'leave health out of the pool, or out of a device' });
    return;
  }
  checkInterval(said, report);
  checkOptions(said, report);
  checkMeasured(said, report);
  if (said.rules.alarm?.frames === undefined || devices.some(({ kind }) => kind === 'inline')) return;
  const message = `${who} says how many frames raise the alarm, and only of inline devices they are counted going in and coming out`;
  report({ path: [...path, 'alarm', 'frames'], key: true, message, hint: 'leave frames out' });
}

/** Kinds that the engine asks at an interval of the device, of its pool or of the file. */
const COMMON: ReadonlySet<string> = new Set(['through', 'negative', 'handshake', 'neighbour', 'icmp']);

const goesByIt = ({ interval, question }: ProbeRule): boolean => interval === undefined && COMMON.has(question.kind);

function checkInterval({ who, rules: { interval, probes }, devices, path }: Said, report: Report): void {
  if (interval === undefined) return;
  const at = { path: [...path, 'interval'], key: true };
  if (probes === undefined) {
    if (devices.some(asksByItself)) return;
    const message = `${who} says how often it is asked, and nothing is: it has one leg and no address`;
    report({ ...at, message, hint: 'add address: 10.0.2.5 to the device, or name probes' });
  } else if (!probes.some(goesByIt)) {
    const message = `${who} says an interval that none of its probes goes by`;
    report({ ...at, message, hint: `write it at the probe: {${probes[0]!.question.kind}: ..., interval: 1s}` });
  }
}

/** Whether something is asked of a device of this kind where no probes are named. */
function asksByItself({ kind, oneLegged, address, outside }: Device): boolean {
  if (kind === 'server' || kind === 'proxy' || (kind === 'inline' && !oneLegged)) return true;
  return (address ?? outside.address) !== undefined;
}

function checkOptions({ who, rules: { probes }, devices, path }: Said, report: Report): void {
  for (const [i, { question }] of (probes ?? []).entries()) {
    const idle = idleOption(question, devices);
    if (idle === undefined) continue;
    const message = `${who} tells ${question.kind} ${idle.option}, which changes nothing: ${idle.why}`;
    report({ path: [...path, 'probes', i, question.kind, idle.option], key: true, message, hint: idle.cure });
  }
}

/** Limits that nobody measures. */
function checkMeasured({ who, rules: { limits, probes }, devices, path }: Said, report: Report): void {
  for (const [i, { measure, for: application }] of limits.entries()) {
    const at = [...path, 'limits', i];
    const isOfProbe = measure === 'latency' || measure === 'loss';
    if (measure === 'connections' || measure === 'users') {
      const message = `${who} limits ${measure}, which nobody counts`;
      report({ path: [...at, measure], key: true, message, hint: 'limit packets or bandwidth' });
    } else if (!isOfProbe && application !== undefined && application !== 'device') {
      const message = `${who} limits ${measure} for ${application}, and it is measured for the whole device only`;
      report({ path: [...at, 'for'], message, hint: 'leave for out' });
    } else if (isOfProbe && application !== undefined) {
      const message = `${who} limits ${measure} for ${application}, and a limit of a probe is for what the probe is for`;
      report({ path: [...at, 'for'], message, hint: 'write for at the probe, and its name at the limit: of: http' });
    } else if (isOfProbe && probes === undefined && !devices.some(asksByItself)) {
      const message = `${who} limits ${measure}, and nothing is asked of it: it has one leg and no address`;
      report({
        path: [...at, measure],
        key: true,
        message,
        hint: 'add address: 10.0.2.5 to the device, or name probes',
      });
    }
  }
}
