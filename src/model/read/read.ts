import { fullyVisible } from '../../terms/invisible.ts';
import { type EngineNics, type Fabric, readFabric } from '../build/fabric.ts';
import { readFileHealth } from '../build/health.ts';
import { readService } from '../build/services.ts';
import { ModelIndex } from '../change/model-index.ts';
import { checkApplications } from '../check/check-applications.ts';
import { checkModes } from '../check/check-modes.ts';
import { checkService } from '../check/check-service.ts';
import type { Fault, Problem, Report } from '../problem.ts';
import { fileSchema, type RawService, serviceSchema } from '../schema/schema.ts';
import type { Model, Service } from '../types.ts';
import { isName, NAME_CURE } from '../words.ts';
import { explain, foreignHint } from './explain-problem.ts';
import { locate } from './locate.ts';
import { parse } from './parse.ts';
import { Source } from './source.ts';

/** What is known of the machine the definitions are for. */
export interface Context {
  /** By name: `NetworkState.nics`. Left out, nothing is said about addresses the engine has itself. */
  readonly nics?: EngineNics;
  /** What the text says, where somebody has parsed it already. It is used up. */
  readonly value?: unknown;
}

export type ReadResult =
  | {
      readonly ok: true;
      readonly model: Model;
      /** What a `ModelEditor` goes on from. */
      readonly index: ModelIndex;
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** More would help nobody; the last one says how many services were not looked at. */
const MAX_PROBLEMS = 100;

/** The definitions in a YAML or JSON text, or everything that is wrong with it. `file` is its name in problems. */
export function readDefinitions(text: string, file: string, context: Context = {}): ReadResult {
  const source = new Source(file, text);
  const parsed = context.value === undefined ? readValue(text, source) : { value: context.value };
  if ('problems' in parsed) return { ok: false, problems: parsed.problems };
  const faults: Fault[] = [];
  const read = readModel(parsed.value, context.nics ?? new Map(), (fault) => faults.push(fault), faults);
  if (read !== undefined && faults.length === 0) return { ok: true, ...read };
  const shown = faults.slice(0, MAX_PROBLEMS);
  const spans = locate(text, shown);
  return { ok: false, problems: shown.map((fault, i) => source.problem(fault, spans[i]!)).sort(byPlace) };
}

/** What a YAML or JSON text says, whatever it is about, or why it cannot be taken. */
export function readValue(text: string, source: Source): { value: unknown } | { problems: Problem[] } {
  const parsed = parse(text);
  if ('value' in parsed) return parsed;
  const doubts = parsed.doubts.slice(0, MAX_PROBLEMS);
  return { problems: doubts.map(({ fault, span }) => source.problem(fault, span)).sort(byPlace) };
}

function readModel(
  root: unknown,
  nics: EngineNics,
  report: Report,
  faults: readonly Fault[],
): { readonly model: Model; readonly index: ModelIndex } | undefined {
  const { services, ...rest } = isTable(root) ? withoutExtras(root) : { services: undefined, root };
  const file = fileSchema.safeParse(isTable(root) ? rest : root);
  for (const fault of explain(file.error?.issues ?? [], root, [])) report(fault);
  if (services !== undefined && services !== null && !isTable(services)) {
    report({
      path: ['services'],
      message: 'services: is not a table of names',
      hint: 'write services as a table: "name: {...}"',
    });
  }
  const rawServices = isTable(services) ? services : {};
  const fabric =
    file.data === undefined
      ? undefined
      : readFabric(
          {
            interfaces: file.data.interfaces,
            devices: file.data.devices ?? {},
            pools: file.data.pools ?? {},
            health: file.data.health,
          },
          nics,
          report,
        );
  // Services on a broken ground would only repeat what is said of the ground.
  const ground = faults.length === 0 ? fabric : undefined;
  const index = ground === undefined ? undefined : new ModelIndex(ground);
  const read = readServices(rawServices, ground, index, report, faults);
  if (ground === undefined || index === undefined) return undefined;
  if (faults.length === 0) checkApplications(ground, read.values(), report);
  if (faults.length === 0) checkModes(ground, read.values(), file.data?.health === 'off', report);
  const { interfaces, devices, pools } = ground;
  // The index goes on to gather pools of alternates.
  const health = readFileHealth(file.data?.health);
  return { model: { interfaces, devices, pools: new Map(pools), services: read, health }, index };
}

function readServices(
  raw: Record<string, unknown>,
  fabric: Fabric | undefined,
  index: ModelIndex | undefined,
  report: Report,
  faults: readonly Fault[],
): Map<string, Service> {
  const services = new Map<string, Service>();
  const names = Object.keys(raw);
  for (const [i, name] of names.entries()) {
    if (faults.length >= MAX_PROBLEMS - 1 && i < names.length) {
      const message = `${names.length - i} of ${names.length} services were not looked at: there are too many problems already`;
      report({ path: ['services', name], key: true, message, hint: 'correct the others first' });
      break;
    }
    const service = readOne(name, raw[name], fabric, index, report);
    // A hundred thousand of them take more room as they were written than as they are kept.
    raw[name] = undefined;
    if (service === undefined) continue;
    services.set(name, service);
    index?.add(service);
  }
  return services;
}

/** One service, held against those in the index. Without fabric: only what can be said without it. */
export function readOne(
  name: string,
  raw: unknown,
  fabric: Fabric | undefined,
  index: ModelIndex | undefined,
  report: Report,
): Service | undefined {
  const path = ['services', name];
  if (!isName(name)) {
    report({
      path,
      key: true,
      message: `services: "${fullyVisible(name)}" is not a name`,
      hint: foreignHint(name) ?? NAME_CURE,
    });
    return undefined;
  }
  const parsed = serviceSchema.safeParse(raw);
  if (parsed.error !== undefined) {
    for (const fault of explain(parsed.error.issues, raw, path)) report(fault);
    return undefined;
  }
  if (fabric === undefined || index === undefined) return undefined;
  const service = readService(name, parsed.data satisfies RawService, fabric, report);
  if (service === undefined) return undefined;
  let faults = 0;
  const count: Report = (fault) => {
    faults++;
    report(fault);
  };
  checkService(service, fabric, count);
  if (faults > 0) return undefined;
  const conflicts = index.check(service);
  for (const fault of conflicts) report(fault);
  return conflicts.length > 0 ? undefined : service;
}

/** Keys "x-..." of the file hold what is merged elsewhere, or notes of other programs. */
function withoutExtras({ ...root }: Record<string, unknown>): Record<string, unknown> {
  for (const key of Object.keys(root)) if (key.startsWith('x-')) delete root[key];
  return root;
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function byPlace(a: Problem, b: Problem): number {
  return a.line - b.line || a.column - b.column;
}
