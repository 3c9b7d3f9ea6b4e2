import type { AttachMode } from '../../api-types/operations.ts';
import { object, type Routes, TEXT } from './plugin.ts';

const nics = { type: 'array', items: TEXT };
const mode = { enum: ['auto', 'native', 'generic'] };

/** Programs, devices, pools and interfaces. */
export const objectRoutes: Routes = async (app, { operations }) => {
  app.get('/devices', () => operations.listDevices());
  app.get('/pools', () => operations.listPools());
  app.put<{ Params: { name: string }; Body: { member: string } }>(
    '/pools/:name',
    { schema: { body: object({ member: TEXT }) } },
    ({ params, body }) => operations.usePool(params.name, body.member),
  );
  app.post<{ Body: { object?: string } | undefined }>(
    '/program/upgrade',
    { schema: { body: { ...object({ object: TEXT }, []), type: ['object', 'null'] } } },
    ({ body }) => operations.upgrade(body?.object),
  );
  app.get('/interfaces', () => operations.listInterfaces());
  app.post<{ Body: { nics: string[]; mode: AttachMode } }>(
    '/interfaces/attach',
    { schema: { body: object({ nics, mode }) } },
    ({ body }) => operations.attach(body.nics, body.mode),
  );
  app.post<{ Body: { nics: string[] } }>('/interfaces/detach', { schema: { body: object({ nics }) } }, ({ body }) =>
    operations.detach(body.nics),
  );
};
