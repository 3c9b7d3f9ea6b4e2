import type { ChangeReport } from '../api-types/change-report.ts';
import type { ControllerView, Operations, StatusView } from '../api-types/operations.ts';
import { VERSION } from '../api-types/version.ts';
import { renderEngineMetrics } from '../metrics/engine.ts';
import { renderHealthMetrics } from '../metrics/health.ts';
import { attentionOf } from '../views/attention.ts';
import { judge } from '../views/degraded.ts';
import { lookAt, workingIn } from '../views/health-snapshot.ts';
import { engineMetrics, healthMetrics, NO_COUNTERS } from '../views/measure.ts';
import { ServiceTally, viewCounters } from '../views/service-totals.ts';
import { viewBareNics, viewDevices, viewInterfaces, viewServices } from '../views/views.ts';
import type { Controller } from './controller.ts';
import { mixedModes } from './engine/attachments.ts';
import { mapOperations } from './engine/maps.ts';
import { exportText } from './export.ts';
import { outageProblems, withOutages } from './health/outages.ts';
import { forwardingProblems } from './network/forwarding.ts';
import { lostSentence } from './network/own-addresses.ts';
import { viewPool } from './overrides/pools.ts';

/** The definition file that a controller follows, and what is in force. */
export interface Followed {
  /** Why the file could not be brought into force; undefined where it is, or was. */
  readonly rejected: { readonly reason: string } | undefined;
  /** Where what is in force is not what the file says: that. */
  sentence(): Promise<string | undefined>;
  /** A command brought this text into force. */
  applied(text: string): Promise<void>;
}

/** Who answers: the running controller, or a command by itself. */
export interface Host {
  readonly instance: string;
  /** Asked each time: it gets ready. */
  controller?(): ControllerView;
  /** The definition file it follows. */
  readonly followed?: Followed;
  /** Metrics of the process itself, where it lives long enough to have some. */
  processMetrics?(): Promise<string>;
}

/** Everything the command line asks of an engine, over a controller. */
export function operationsOf(controller: Controller, host: Host): Operations {
  const { access, attachments } = controller;
  const { overseer } = controller;
  const looked = async () => {
    const state = await controller.state();
    return { ...state, look: lookAt(overseer.view(state.model), Date.now()) };
  };
  const health = async () => {
    const state = await looked();
    const { model, network, look } = state;
    const judged = judge(model, network, attachments.attached(), workingIn(look), controller.modes.doubts(model));
    const rejected = host.followed?.rejected === undefined ? [] : [host.followed.rejected.reason];
    const lost = controller.lostAddresses.map(lostSentence);
    const mixed = mixedModes(attachments.attached(), network.nics);
    const problems = [
      ...rejected,
      ...lost,
      ...mixed,
      ...judged.problems,
      ...outageProblems(look.words),
      ...overseer.problems,
    ];
    return { ...state, ...judged, problems, services: withOutages(judged.services, model, look) };
  };
  /** Said at once, and not at the restart. */
  const withSentence = async (report: ChangeReport): Promise<ChangeReport> => {
    const sentence = await host.followed?.sentence();
    return sentence === undefined ? report : { ...report, warnings: [...report.warnings, sentence] };
  };
  const listInterfaces = async () => {
    const { model, network } = await controller.state();
    return viewInterfaces(model, network, attachments.attached());
  };
  const listPools = async () => {
    const { written, model, look } = await looked();
    return [...model.pools.values()].map((pool) => viewPool(pool, written.pools.get(pool.name), look));
  };
  return {
    ...mapOperations(access),
    attach: (nics, mode) => controller.attach(nics, mode),
    detach: (nics) => controller.detach(nics),
    diff: (definitions) => controller.diff(definitions),
    async apply(definitions) {
      const report = await controller.apply(definitions);
      await host.followed?.applied(definitions.text);
      return withSentence(report);
    },
    rollback: async (number) => withSentence(await controller.rollback(number)),
    history: () => controller.history.list(),
    definitionsOf: (number) => controller.history.textOf(number),
    async exported() {
      const { model, choices, look } = await looked();
      const head = `What is in force on instance ${host.instance} (hopline ${VERSION}), with the choices of commands.`;
      return exportText({ text: await controller.definitions(), model, choices, look }, head);
    },
    upgrade: async (object) => ({ replaced: await controller.upgrade(object) }),
    definitions: () => controller.definitions(),
    setService: async (name, definition) => withSentence(await controller.setService(name, definition)),
    deleteService: async (name) => withSentence(await controller.deleteService(name)),
    regenerate: (name) => controller.regenerate(name),
    usePool: (pool, member) => controller.usePool(pool, member),
    commandDevice: (device, command) => controller.devices.command(device, command),
    replaceDevice: (device, by) => controller.devices.replace(device, by),
    events: (filter) => overseer.events(filter),
    followEvents: (filter, signal) => overseer.followEvents(filter, signal),
    listInterfaces,
    listPools,
    async status(): Promise<StatusView> {
      const { model, network, look, services, problems } = await health();
      const steps = access
        .reader()
        ?.tables()
        .find(({ name }) => name === 'slots');
      const attached = attachments.attached();
      return {
        instance: host.instance,
        version: VERSION,
        ...(host.controller && { controller: host.controller() }),
        loaded: access.reader() !== undefined,
        ...programOf(access.reader()?.status().programTag),
        interfaces: [...viewInterfaces(model, network, attached), ...viewBareNics(model, network, attached)],
        pools: await listPools(),
        services: model.services.size,
        degraded: services,
        problems: [...problems, ...forwardingProblems(model)],
        attention: [
          ...unneededSentence(await controller.unneeded()),
          ...[await host.followed?.sentence()].flatMap((each) => each ?? []),
          ...attentionOf(model, look, problems),
        ],
        steps: { used: steps?.used ?? 0, room: steps?.maxEntries ?? 0 },
      };
    },
    async listServices() {
      const { model, registry, services } = await health();
      const counters = access.reader()?.counters();
      return viewServices(model, registry, services, counters && new ServiceTally(counters.steps));
    },
    async listDevices() {
      const { model, network, registry, look, choices } = await looked();
      const { replacements } = choices;
      return viewDevices(model, network, registry, access.reader(), {
        look,
        unwatched: overseer.problems,
        packets: (device) => overseer.packets(device),
        replacements,
      });
    },
    async counters() {
      const counters = access.reader()?.counters(true);
      const { model } = await controller.state();
      return viewCounters(counters ?? NO_COUNTERS, controller.registry, model);
    },
    async metrics() {
      const state = await health();
      const own = (await host.processMetrics?.()) ?? '';
      const rejected = host.followed && { definitionsRejected: host.followed.rejected !== undefined };
      const engine = renderEngineMetrics({
        ...rejected,
        lostAddresses: controller.lostAddresses,
        ...engineMetrics(state, attachments.attached(), access.reader()),
      });
      const watched = renderHealthMetrics(healthMetrics(state.model, state.look, overseer.counts()));
      return concat(engine, watched, [own]);
    },
  };
}

function* concat(...parts: readonly Iterable<string>[]): Generator<string> {
  for (const part of parts) for (const piece of part) if (piece !== '') yield piece;
}

function unneededSentence(found: readonly (readonly [table: string, entries: number])[]): string[] {
  if (found.length === 0) return [];
  const tables = found.map(([table, entries]) => `${entries} of ${table}`).join(', ');
  return [
    `the tables hold entries that nothing in force needs: ${tables} (hopline service regenerate takes them away)`,
  ];
}

const programOf = (tag: string | undefined): Pick<StatusView, 'program'> =>
  tag === undefined ? {} : { program: { tag } };
