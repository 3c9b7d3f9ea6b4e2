import { Missing } from '../../api-types/failure.ts';
import { object, type Routes, TEXT } from './plugin.ts';
import { inParts } from './waiting.ts';

interface Named {
  Params: { name: string };
}

/** Services, one by one: a change here touches the entries of that service alone. */
export const serviceRoutes: Routes = async (app, { operations }) => {
  app.get('/services', async (_, reply) =>
    reply.type('application/json').send(inParts(await operations.listServices())),
  );
  app.get<Named>('/services/:name', async ({ params }) => {
    const service = (await operations.listServices()).find(({ name }) => name === params.name);
    if (service === undefined) throw new Missing(`show service ${params.name}: there is none of this name`);
    return service;
  });
  app.post<{ Body: { name?: string } }>(
    '/services/regenerate',
    { schema: { body: object({ name: TEXT }, []) } },
    ({ body }) => operations.regenerate(body.name),
  );
  app.put<Named>('/services/:name', ({ params, body }) => operations.setService(params.name, body));
  app.delete<Named>('/services/:name', ({ params }) => operations.deleteService(params.name));
};
