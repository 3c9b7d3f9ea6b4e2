import { object, type Routes, TEXT } from './plugin.ts';
import { inParts } from './waiting.ts';

interface Entry {
  Params: { name: string };
  Querystring: { key: string };
}

const querystring = object({ key: TEXT });

/** The tables themselves, decoded. Keys and values are JSON text, as `hopline map dump -o json` prints them. */
export const mapRoutes: Routes = async (app, { operations }) => {
  app.get('/maps', () => operations.listMaps());
  app.get<Entry>('/maps/:name', async ({ params }, reply) =>
    reply.type('application/json').send(inParts(await operations.dumpMap(params.name))),
  );
  app.get<Entry>('/maps/:name/entry', { schema: { querystring } }, ({ params, query }) =>
    operations.getEntry(params.name, query.key),
  );
  app.put<Entry & { Body: { key: string; value: string } }>(
    '/maps/:name/entry',
    { schema: { body: object({ key: TEXT, value: TEXT }) } },
    ({ params, body }) => operations.setEntry(params.name, body.key, body.value),
  );
  app.delete<Entry>('/maps/:name/entry', { schema: { querystring } }, async ({ params, query }) => {
    await operations.deleteEntry(params.name, query.key);
    return { ok: true };
  });
};
