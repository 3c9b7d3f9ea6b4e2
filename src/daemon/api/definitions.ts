import type { DefinitionText } from '../../api-types/operations.ts';
import { object, type Routes, TEXT } from './plugin.ts';

const body = object({ text: TEXT, file: TEXT });

/** The definitions as a whole. */
export const definitionRoutes: Routes = async (app, { operations }) => {
  app.get('/definitions', async (_, reply) => reply.type('application/yaml').send(await operations.definitions()));
  app.put<{ Body: DefinitionText }>('/definitions', { schema: { body } }, ({ body }) => operations.apply(body));
  app.post<{ Body: DefinitionText }>('/definitions/diff', { schema: { body } }, ({ body }) => operations.diff(body));
  app.post('/program/upgrade', () => operations.upgrade());
  app.post('/definitions/rollback', () => operations.rollback());
};
