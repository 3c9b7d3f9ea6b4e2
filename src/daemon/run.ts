import { readFile } from 'node:fs/promises';
import type { FastifyBaseLogger } from 'fastify';
import { pino } from 'pino';
import type { Controller } from '../control/controller.ts';
import { rehearseVerdicts } from '../control/health/rehearse.ts';
import { Supervisor } from '../control/health/supervisor.ts';
import { makeController } from '../control/local.ts';
import { Clients } from '../control/network/clients.ts';
import { type Followed, operationsOf } from '../control/operate.ts';
import { FollowedFileRecord } from '../control/state/followed-file.ts';
import type { Instance } from '../control/state/instance.ts';
import { deriveHealth } from '../health/derive/derive.ts';
import { Watcher } from '../health/watcher/watcher.ts';
import { processMetrics } from '../metrics/process.ts';
import { type Notify, Telling } from '../notify/notify.ts';
import { findGroups } from './access.ts';
import { buildApp } from './api/app.ts';
import { buildMetricsApp } from './api/metrics-app.ts';
import { FollowedFile } from './followed-file.ts';
import { NetworkFollower } from './follower.ts';
import { type HostPort, listenOnPort, listenOnSocket } from './listen.ts';
import { raisePriority } from './priority.ts';
import { fileSource, type Source } from './source.ts';

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
  const followed = new FollowedFile(options.file, controller, new FollowedFileRecord(instance.stateDir), logger);
  const follower = new NetworkFollower(controller, logger);
  const clients = new Clients(instance, () => controller.nics(), logger);
  const since = new Date().toISOString();
  let ready = false;
  const operations = operationsOf(controller, {
    instance: instance.name,
    controller: () => ({ pid: process.pid, since, ready }),
    processMetrics: () => processMetrics(),
    followed: followedBy(followed, source),
  });
  const groups = findGroups(await readFile('/etc/group', 'utf8').catch(() => ''));
  const apps = [buildApp(operations, logger, groups)];
  try {
    await controller.access.writer();
    raisePriority(logger);
    rehearseVerdicts();
    await listenOnSocket(apps[0]!, instance.socket, groups?.readers);
    await begin(controller, followed, source, logger);
    if (options.metrics !== undefined) {
      apps.push(buildMetricsApp(operations));
      await listenOnPort(apps[1]!, options.metrics);
    }
    follower.start();
    clients.start();
    controller.modes.start();
    source.follow(
      (definitions, asked) => void (asked ? followed.take(definitions) : followed.changed(definitions)),
      (error) => followed.reject(error),
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

/** What was in force last is so again; the file counts where it changed since (see {@link FollowedFile}). */
async function begin(controller: Controller, followed: FollowedFile, source: Source, logger: Logger): Promise<void> {
  if (await controller.restore()) logger.info('what was applied last is in force again');
  await upgrade(controller, logger);
  try {
    await followed.begin(await source.read());
  } catch (error) {
    followed.reject(error);
  }
}

/** Programs of another version that cannot be loaded leave those that run in force. */
async function upgrade(controller: Controller, logger: Logger): Promise<void> {
  try {
    if (await controller.upgrade()) logger.info('programs replaced by those of this version; no packet was lost');
  } catch (error) {
    logger.error({ error: (error as Error).message }, 'programs not replaced; those that run stay');
  }
}

function followedBy(file: FollowedFile, source: Source): Followed {
  return {
    get rejected() {
      return file.rejected;
    },
    sentence: () => file.sentence(),
    applied: async (text) => file.applied(text, await source.read().catch(() => undefined)),
  };
}

function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
  });
}
