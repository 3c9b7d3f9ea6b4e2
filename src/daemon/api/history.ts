import { object, type Routes } from './plugin.ts';

const body = { ...object({ number: { type: 'integer', minimum: 1 } }, []), type: ['object', 'null'] };

/** What was in force, and back to it; what is, as a file. */
export const historyRoutes: Routes = async (app, { operations }) => {
  app.post<{ Body: { number?: number } | undefined }>(
    '/definitions/rollback',
    { schema: { body } },
    ({ body: asked }) => (asked?.number === undefined ? operations.rollback() : operations.rollback(asked.number)),
  );
  app.get('/history', () => operations.history());
  app.get<{ Params: { number: string } }>('/history/:number', async ({ params }, reply) =>
    reply.type('application/yaml').send(await operations.definitionsOf(Number(params.number))),
  );
  app.get('/export', async (_, reply) => reply.type('application/yaml').send(await operations.exported()));
};
