import { Readable } from 'node:stream';
import type { Routes } from './plugin.ts';

/** Prometheus' text format, as its content type says. */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** What is, and what was counted. */
export const watchRoutes: Routes = async (app, { operations }) => {
  app.get('/status', () => operations.status());
  app.get('/counters', () => operations.counters());
  app.get('/metrics', async (_, reply) => reply.type(METRICS_TYPE).send(Readable.from(await operations.metrics())));
};
