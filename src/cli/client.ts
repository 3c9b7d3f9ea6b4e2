import { type IncomingMessage, request } from 'node:http';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { Failure, type FailureCode } from '../api-types/failure.ts';
import type { Operations } from '../api-types/operations.ts';
import { SUDO_HEADER } from '../api-types/operations.ts';
import { jsonText, parseJson } from '../terms/json.ts';

interface ErrorBody {
  readonly code?: FailureCode;
  readonly message?: string;
  readonly problems?: readonly string[];
}

/** Whether a controller listens there. A socket nobody listens on any more counts as none. */
export async function controllerRuns(socket: string): Promise<boolean> {
  try {
    await call(socket, 'GET', '/ping');
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return false;
    if (code === 'EACCES')
      throw new Failure(
        'unable',
        `connect ${socket}: only root and members of the group hopline may speak to the controller (sudo hopline …)`,
      );
    throw error;
  }
}

/** The operations, done by the controller that listens on `socket`. */
export function remoteOperations(socket: string): Operations {
  const get = async <Answer>(path: string) => parseJson(await call(socket, 'GET', path)) as Answer;
  const send = async <Answer>(method: string, path: string, body?: unknown) =>
    parseJson(await call(socket, method, path, body)) as Answer;
  const part = encodeURIComponent;
  return {
    status: () => get('/status'),
    attach: (nics, mode) => send('POST', '/interfaces/attach', { nics, mode }),
    detach: (nics) => send('POST', '/interfaces/detach', { nics }),
    diff: (definitions) => send('POST', '/definitions/diff', definitions),
    apply: (definitions) => send('PUT', '/definitions', definitions),
    rollback: (number) => send('POST', '/definitions/rollback', number === undefined ? undefined : { number }),
    history: () => get('/history'),
    definitionsOf: (number) => call(socket, 'GET', `/history/${number}`),
    exported: () => call(socket, 'GET', '/export'),
    upgrade: (object) => send('POST', '/program/upgrade', object === undefined ? {} : { object }),
    definitions: () => call(socket, 'GET', '/definitions'),
    listServices: () => get('/services'),
    listDevices: () => get('/devices'),
    listPools: () => get('/pools'),
    listInterfaces: () => get('/interfaces'),
    setService: (name, definition) => send('PUT', `/services/${part(name)}`, definition),
    deleteService: (name) => send('DELETE', `/services/${part(name)}`),
    regenerate: (name) => send('POST', '/services/regenerate', name === undefined ? {} : { name }),
    commandDevice: (device, command) => send('POST', `/devices/${part(device)}/command`, { command }),
    replaceDevice: (device, by) => send('POST', `/devices/${part(device)}/replace`, { by }),
    events: (filter) => get(`/events${queryOf(filter)}`),
    followEvents: (filter, signal) => followLines(socket, `/events${queryOf({ ...filter, follow: 'true' })}`, signal),
    usePool: (pool, member) => send('PUT', `/pools/${part(pool)}`, { member }),
    counters: () => get('/counters'),
    metrics: async () => [await call(socket, 'GET', '/metrics')],
    listMaps: () => get('/maps'),
    dumpMap: (name) => get(`/maps/${part(name)}`),
    getEntry: (name, key) => get(`/maps/${part(name)}/entry?key=${part(key)}`),
    setEntry: (name, key, value) => send('PUT', `/maps/${part(name)}/entry`, { key, value }),
    deleteEntry: async (name, key) => {
      await send('DELETE', `/maps/${part(name)}/entry?key=${part(key)}`);
    },
  };
}

function queryOf(filter: object): string {
  const given = Object.entries(filter).filter(([, value]) => value !== undefined);
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}

/** Lines of JSON as they come, until the controller or `signal` ends it. */
async function* followLines<Line>(socketPath: string, path: string, signal: AbortSignal): AsyncGenerator<Line> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request({ socketPath, path, signal }, resolve).on('error', reject).end();
  });
  if (answer.statusCode !== 200) throw failureFrom(await text(answer));
  try {
    for await (const line of createInterface({ input: answer })) if (line !== '') yield JSON.parse(line) as Line;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** One request; the body of the answer. @throws Failure with what the controller said. */
function call(socket: string, method: string, path: string, body?: unknown): Promise<string> {
  const sent = body === undefined ? undefined : jsonText(body);
  const headers = {
    ...(sent !== undefined && { 'content-type': 'application/json' }),
    ...(process.env.SUDO_USER !== undefined && { [SUDO_HEADER]: process.env.SUDO_USER }),
  };
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath: socket, method, path, headers }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('error', reject);
      answer.on('end', () => {
        const answered = Buffer.concat(parts).toString('utf8');
        if ((answer.statusCode ?? 500) < 300) resolve(answered);
        else reject(failureFrom(answered));
      });
    });
    outgoing.on('error', reject);
    outgoing.end(sent);
  });
}

function failureFrom(answered: string): Failure {
  const { code = 'failed', message = answered, problems = [] } = JSON.parse(answered) as ErrorBody;
  return new Failure(code, message, problems);
}
