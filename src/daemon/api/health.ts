import { Readable } from 'node:stream';
import type { DeviceCommand } from '../../api-types/health-operations.ts';
import { object, type Routes, TEXT } from './plugin.ts';

interface Query {
  device?: string;
  since?: string;
  follow?: 'true';
}

interface Named {
  Params: { name: string };
}

const body = object({ command: { enum: ['drain', 'maintenance', 'restore'] } });
const querystring = object({ device: TEXT, since: TEXT, follow: { enum: ['true'] } }, []);

/** What is known of devices' health, and what people decide about them. */
export const healthRoutes: Routes = async (app, { operations }) => {
  app.post<Named & { Body: { command: DeviceCommand } }>(
    '/devices/:name/command',
    { schema: { body } },
    ({ params, body }) => operations.commandDevice(params.name, body.command),
  );
  app.post<Named & { Body: { by: string } }>(
    '/devices/:name/replace',
    { schema: { body: object({ by: TEXT }) } },
    ({ params, body }) => operations.replaceDevice(params.name, body.by),
  );
  const closing = new AbortController();
  app.addHook('preClose', async () => closing.abort());
  app.get<{ Querystring: Query }>('/events', { schema: { querystring } }, ({ query }, reply) => {
    const { follow, ...filter } = query;
    if (follow === undefined) return operations.events(filter);
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const ended = AbortSignal.any([closing.signal, gone.signal]);
    return reply.type('application/jsonl').send(Readable.from(lines(operations.followEvents(filter, ended))));
  });
};

/** An empty line first: so that who asked has an answer before the first event. */
async function* lines(events: AsyncIterable<unknown>): AsyncGenerator<string> {
  yield '\n';
  for await (const event of events) yield `${JSON.stringify(event)}\n`;
}
