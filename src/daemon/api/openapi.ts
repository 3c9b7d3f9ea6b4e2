import type { RouteOptions } from 'fastify';
import { EXIT_MEANING } from '../../api-types/failure.ts';
import type { Operations } from '../../api-types/operations.ts';
import { VERSION } from '../../api-types/version.ts';
import { isLook } from '../access.ts';
import { buildApp } from './app.ts';

interface Schema {
  readonly body?: object;
  readonly querystring?: {
    readonly properties: Readonly<Record<string, object>>;
    readonly required: readonly string[];
  };
}

/** What answers with something else than JSON. */
const TYPES: Readonly<Record<string, string>> = {
  '/definitions': 'application/yaml',
  '/metrics': 'text/plain',
};

const text = { type: 'string' };
/** Definitions are judged where they are read, large ones beside the controller, and not by a schema of the route. */
const DEFINITIONS = { type: 'object', required: ['text', 'file'], properties: { text, file: text } };
const BODIES: Readonly<Record<string, object>> = {
  'PUT /definitions': DEFINITIONS,
  'POST /definitions/diff': DEFINITIONS,
  'PUT /services/:name': { type: 'object', description: 'a service, as in the definition file' },
};

const FAILURE = {
  type: 'object',
  required: ['code', 'message', 'problems'],
  properties: {
    code: {
      enum: Object.keys(EXIT_MEANING).filter((code) => code !== 'ok'),
      description: Object.entries(EXIT_MEANING)
        .filter(([code]) => code !== 'ok')
        .map(([code, meaning]) => `${code}: ${meaning}`)
        .join('; '),
    },
    message: { type: 'string' },
    problems: { type: 'array', items: { type: 'string' }, description: 'what is wrong in definitions, with its place' },
  },
};

/** The control API as OpenAPI 3.1, from the routes themselves. */
export async function openApi(): Promise<object> {
  const routes: RouteOptions[] = [];
  const app = buildApp({} as Operations);
  app.addHook('onRoute', (route) => void routes.push(route));
  await app.ready();
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    for (const method of [route.method].flat().filter((name) => name !== 'HEAD')) {
      const path = route.url.replace(/:(\w+)/g, '{$1}');
      paths[path] = { ...paths[path], [method.toLowerCase()]: describe(route, method) };
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Hopline control API',
      version: VERSION,
      description:
        'HTTP on the Unix socket /run/hopline/INSTANCE.sock. Answers are what the commands print with -o json.',
    },
    paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1))),
    components: {
      schemas: { Failure: FAILURE },
      responses: { Failure: { description: 'it failed', content: { 'application/json': { schema: ref('schemas') } } } },
    },
  };
}

const ref = (kind: string): object => ({ $ref: `#/components/${kind}/Failure` });

function describe(route: RouteOptions, method: string): object {
  const { body = BODIES[`${method} ${route.url}`], querystring } = (route.schema ?? {}) as Schema;
  const named = [...route.url.matchAll(/:(\w+)/g)].map(([, name]) =>
    parameter(name!, 'path', { type: 'string' }, true),
  );
  const asked = Object.entries(querystring?.properties ?? {}).map(([name, schema]) =>
    parameter(name, 'query', schema, querystring!.required.includes(name)),
  );
  const answers = (method === 'GET' && TYPES[route.url]) || 'application/json';
  return {
    description: isLook(method, route.url) ? 'For members of hopline.' : 'For members of hopline-admin.',
    ...(named.length + asked.length > 0 && { parameters: [...named, ...asked] }),
    ...(body !== undefined && { requestBody: { required: true, content: { 'application/json': { schema: body } } } }),
    responses: { 200: { description: 'done', content: { [answers]: {} } }, default: ref('responses') },
  };
}

function parameter(name: string, place: string, schema: object, required: boolean): object {
  return { name, in: place, required, schema };
}
