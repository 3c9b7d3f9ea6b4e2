import type { FastifyPluginAsync } from 'fastify';
import type { Operations } from '../../api-types/operations.ts';

/** Routes of one resource, over the operations. */
export type Routes = FastifyPluginAsync<{ readonly operations: Operations }>;

/** Schema of an object that has exactly these properties. */
export function object(properties: Record<string, object>, required = Object.keys(properties)) {
  return { type: 'object', additionalProperties: false, required, properties };
}

export const TEXT = { type: 'string' };
