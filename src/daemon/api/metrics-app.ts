import { Readable } from 'node:stream';
import fastify, { type FastifyInstance } from 'fastify';
import type { Operations } from '../../api-types/operations.ts';
import { METRICS_TYPE } from './watch.ts';

/** `/metrics` alone, for a port that others may reach: nothing can be changed there. */
export function buildMetricsApp(operations: Pick<Operations, 'metrics'>): FastifyInstance {
  const app = fastify();
  app.get('/metrics', async (_, reply) => reply.type(METRICS_TYPE).send(Readable.from(await operations.metrics())));
  return app;
}
