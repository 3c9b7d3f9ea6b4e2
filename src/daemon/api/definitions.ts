import type { FastifyRequest } from 'fastify';
import type { DefinitionText } from '../../api-types/operations.ts';
import { judgeBeside } from '../beside.ts';
import { definitionsIn } from '../verdict.ts';
import type { Routes } from './plugin.ts';

/** Definitions of 100,000 services are some 24 MB as JSON. */
const BODY_MOST = 64 * 1024 * 1024;
/** To parse more would hold up probes. */
const AT_ONCE_MOST = 512 * 1024;

interface Definitions {
  Body: DefinitionText;
}

/** The definitions as a whole. */
export const definitionRoutes: Routes = async (app, { operations }) => {
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser<Buffer>(
    'application/json',
    { parseAs: 'buffer', bodyLimit: BODY_MOST },
    async ({ raw }: FastifyRequest, body: Buffer) => {
      if (body.length <= AT_ONCE_MOST) return definitionsIn(body);
      const gone = new AbortController();
      raw.socket.once('close', () => gone.abort());
      return judgeBeside(body, gone.signal);
    },
  );
  const limits = { bodyLimit: BODY_MOST };
  app.get('/definitions', async (_, reply) => reply.type('application/yaml').send(await operations.definitions()));
  app.put<Definitions>('/definitions', limits, ({ body }) => operations.apply(body));
  app.post<Definitions>('/definitions/diff', limits, ({ body }) => operations.diff(body));
};
