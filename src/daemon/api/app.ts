import fastify, { type FastifyBaseLogger, type FastifyError, type FastifyInstance, type FastifyReply } from 'fastify';
import { Denied, Failure, type FailureCode, Missing } from '../../api-types/failure.ts';
import type { Operations } from '../../api-types/operations.ts';
import { onBehalfOf } from '../../control/actor.ts';
import { jsonText } from '../../terms/json.ts';
import { explain } from '../../views/explain-error.ts';
import { allow, type Groups, whoAsks } from '../access.ts';
import { definitionRoutes } from './definitions.ts';
import { healthRoutes } from './health.ts';
import { historyRoutes } from './history.ts';
import { mapRoutes } from './maps.ts';
import { objectRoutes } from './objects.ts';
import { serviceRoutes } from './services.ts';
import { answerInTurn } from './waiting.ts';
import { watchRoutes } from './watch.ts';

/** Of a request; definitions as a whole have a limit of their own. */
const BODY_LIMIT = 1024 * 1024;

const STATUS: Readonly<Record<FailureCode, number>> = {
  failed: 500,
  refused: 422,
  unable: 503,
  locked: 409,
  unreachable: 503,
};

/**
 * The control API, not listening yet: JSON in and out, errors as `{code, message, problems}`. `groups` are those whose
 * members may use it beside root.
 */
export function buildApp(operations: Operations, logger?: FastifyBaseLogger, groups?: Groups): FastifyInstance {
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    frameworkErrors: (error, _, reply) => {
      const { status, body } = describeError(error);
      (reply as FastifyReply).code(status).send(body);
    },
    // Nothing is guessed: a number is no text, one name is no list, and a field nobody knows is a mistake.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
    ...(logger === undefined ? {} : { loggerInstance: logger, disableRequestLogging: true }),
  });
  // Counts go beyond what JSON.stringify takes.
  app.setReplySerializer((payload) => jsonText(payload));
  answerInTurn(app);
  app.addHook('preHandler', (request, _, done) => onBehalfOf(whoAsks(request), done));
  if (groups !== undefined) app.addHook('onRequest', async (request) => allow(request, groups));
  app.setErrorHandler((error: FastifyError | Failure, request, reply) => {
    const { status, body } = describeError(error);
    if (status >= 500) request.log.error({ error: body.message, url: request.url }, 'request failed');
    return reply.code(status).send(body);
  });
  app.setNotFoundHandler((request, reply) =>
    reply
      .code(404)
      .send({ code: 'failed', message: `${request.method} ${request.url}: no such thing here`, problems: [] }),
  );
  app.get('/ping', async () => ({ ok: true }));
  app.register(watchRoutes, { operations });
  app.register(definitionRoutes, { operations });
  app.register(historyRoutes, { operations });
  app.register(serviceRoutes, { operations });
  app.register(objectRoutes, { operations });
  app.register(healthRoutes, { operations });
  app.register(mapRoutes, { operations });
  return app;
}

function describeError(thrown: FastifyError | Failure) {
  const error = explain(thrown) as typeof thrown;
  if (error instanceof Failure) {
    const status = error instanceof Missing ? 404 : error instanceof Denied ? 403 : STATUS[error.code];
    return { status, body: { code: error.code, message: error.message, problems: error.problems } };
  }
  const wrongRequest = error.statusCode !== undefined && error.statusCode < 500;
  const code: FailureCode = wrongRequest ? 'refused' : 'failed';
  return { status: wrongRequest ? error.statusCode! : 500, body: { code, message: error.message, problems: [] } };
}
