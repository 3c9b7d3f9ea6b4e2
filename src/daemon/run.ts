import type { FastifyBaseLogger } from 'fastify';
import { pino } from 'pino';
import { Failure } from '../api-types/failure.ts';
import type { DefinitionText } from '../api-types/operations.ts';
import type { Controller } from '../control/controller.ts';
import { rehearseVerdicts } from '../control/health/rehearse.ts';
import { Supervisor } from '../control/health/supervisor.ts';
import { makeController } from '../control/local.ts';
import { Clients } from '../control/network/clients.ts';
import { operationsOf } from '../control/operate.ts';
import type { Instance } from '../control/state/instance.ts';
import { deriveHealth } from '../health/derive/derive.ts';
import { Watcher } from '../health/watcher/watcher.ts';
import { processMetrics } from '../metrics/process.ts';
import { type Notify, Telling } from '../notify/notify.ts';
import { buildApp } from './api/app.ts';
import { buildMetricsApp } from './api/metrics-app.ts';
import { NetworkFollower } from './follower.ts';
import { type HostPort, listenOnPort, listenOnSocket } from './listen.ts';
import { raisePriority } from './priority.ts';
import { fileSource } from './source.ts';

export interface RunOptions {
  readonly file: string;
  readonly watch: boolean;
  readonly logLevel: string;
  readonly metrics?: HostPort;
  /** Told of every event, beside those the definitions name. */
  readonly notify: readonly Notify[];
}

type Logger = FastifyBaseLogger;

/** Runs the controller until SIGTERM or SIGINT. Forwarding goes on afterwards. */
export async function runController(instance: Instance, options: RunOptions): Promise<void> {
  const logger = pino({ name: 'hopline', level: options.logLevel });
  const ended = untilSignal();
  const supervisor = superviseWith(instance, logger, options.notify);
  const controller = makeController(instance, supervisor, logger);
  const source = fileSource(options.file, options.watch);
  const follower = new NetworkFollower(controller, logger);
  const clients = new Clients(instance, () => controller.nics(), logger);
  const since = new Date().toISOString();
  let ready = false;
  const operations = operationsOf(controller, {
    instance: instance.name,
    controller: () => ({ pid: process.pid, since, ready }),
    processMetrics: () => processMetrics(),
  });
  const apps = [buildApp(operations, logger)];
  try {
    await controller.access.writer();
    raisePriority(logger);
    rehearseVerdicts();
    await listenOnSocket(apps[0]!, instance.socket);
    await begin(controller, await source.read(), logger);
    if (options.metrics !== undefined) {
      apps.push(buildMetricsApp(operations));
      await listenOnPort(apps[1]!, options.metrics);
    }
    follower.start();
    clients.start();
    controller.modes.start();
    source.follow(
      (definitions) => void applyAndSay(controller, definitions, logger),
      (error) => logger.error({ error: error.message }, 'definitions not read; those in force stay'),
    );
    ready = true;
    logger.info({ instance: instance.name, socket: instance.socket, pid: process.pid }, 'controller runs');
    logger.info({ signal: await ended }, 'controller ends; forwarding goes on');
  } finally {
    await endAll([
      () => source.stop(),
      () => follower.stop(),
      () => clients.stop(),
      () => controller.modes.stop(),
      () => supervisor.stop(),
      ...apps.map((app) => () => app.close()),
      () => controller.close(),
    ]);
  }
}

/** One after the other, also those behind one that fails. @throws what the first of those said. */
export async function endAll(steps: readonly (() => unknown)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

/** What watches devices, with the engine the controller opens. */
function superviseWith({ name, stateDir }: Instance, logger: Logger, notify: readonly Notify[]): Supervisor {
  return new Supervisor({
    directory: stateDir,
    logger,
    telling: new Telling(logger, name, notify),
    watch: (engine, edges, memory) =>
      new Watcher({ prober: engine.prober, edges, derive: deriveHealth, ...(memory && { memory }) }),
  });
}

/** The file wins over what was applied last, unless it is the same: then services set by commands stay. A wrong file at start leaves what was applied in force. */
async function begin(controller: Controller, given: DefinitionText | undefined, logger: Logger): Promise<void> {
  if (await controller.restore()) logger.info('what was applied last is in force again');
  await upgrade(controller, logger);
  if (given !== undefined && !(await controller.isApplied(given.text))) await applyAndSay(controller, given, logger);
}

/** Programs of another version that cannot be loaded leave those that run in force. */
async function upgrade(controller: Controller, logger: Logger): Promise<void> {
  try {
    if (await controller.upgrade()) logger.info('programs replaced by those of this version; no packet was lost');
  } catch (error) {
    logger.error({ error: (error as Error).message }, 'programs not replaced; those that run stay');
  }
}

async function applyAndSay(controller: Controller, definitions: DefinitionText, logger: Logger): Promise<void> {
  try {
    const { steps, degraded, milliseconds } = await controller.apply(definitions);
    logger.info({ file: definitions.file, steps, degraded: degraded.length, milliseconds }, 'definitions applied');
  } catch (error) {
    const problems = error instanceof Failure ? error.problems : [];
    logger.error(
      { file: definitions.file, error: (error as Error).message, problems },
      'definitions not applied; those in force stay',
    );
  }
}

function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
  });
}
