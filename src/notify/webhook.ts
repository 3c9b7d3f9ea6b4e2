import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { setTimeout as wait } from 'node:timers/promises';
import { VERSION } from '../api-types/version.ts';
import type { ToldEvent } from '../health/types.ts';
import { LAST_MOMENT, type Report, type Way } from './notifier.ts';
import { BoundedQueue } from './queue.ts';

export interface WebhookOptions {
  readonly url: string;
  /** Who tells: the engine's name and the machine's. */
  readonly from: { readonly instance: string; readonly host: string };
  /** Of one try, in ms. */
  readonly timeout?: number;
  /** Before each further try, in ms; one try more than there are pauses. */
  readonly pauses?: readonly number[];
  readonly room?: number;
}

/**
 * POSTs each event as JSON, one after the other, so that they arrive in order. What is no 2xx is tried again; a refusal
 * (4xx but 408 and 429) is not: it would be refused again.
 */
export function webhook(options: WebhookOptions, report: Report): Way {
  const { url, from, timeout = 5000, pauses = [500, 2000, 8000], room = 1000 } = options;
  const given = new AbortController();
  const post = async (body: string): Promise<string | undefined> => {
    const signal = AbortSignal.any([given.signal, AbortSignal.timeout(timeout)]);
    const headers = { 'content-type': 'application/json', 'user-agent': `hopline/${VERSION}` };
    const status = await send(url, headers, body, signal);
    if (status >= 200 && status < 300) return undefined;
    const why = `it answered ${status}`;
    if (isFinal(status)) throw new Refused(why);
    return why;
  };
  const queue = new BoundedQueue<ToldEvent>({ parallel: 1, room }, async (event) => {
    const body = JSON.stringify({ ...from, ...event });
    let why: string | undefined;
    for (const pause of [0, ...pauses]) {
      try {
        if (pause > 0) await wait(pause, undefined, { signal: given.signal });
        why = await post(body);
        if (why === undefined) return report('delivered');
      } catch (error) {
        why = given.signal.aborted ? 'the controller ended' : inWords(error, timeout);
        if (given.signal.aborted || error instanceof Refused) break;
      }
    }
    report('failed', `POST ${url}: ${why}`);
  });
  return {
    tell(event) {
      if (!queue.add(event)) report('dropped', `POST ${url}: ${room} events wait already (does it answer?)`);
    },
    async stop() {
      const timer = setTimeout(() => {
        for (let left = queue.clear(); left > 0; left--) report('dropped', `POST ${url}: the controller ended`);
        given.abort();
      }, LAST_MOMENT);
      await queue.idle();
      clearTimeout(timer);
    },
  };
}

/** Not by fetch, which refuses some ports ("bad port") and keeps its reasons to itself. */
function send(url: string, headers: Record<string, string>, body: string, signal: AbortSignal): Promise<number> {
  const request = url.startsWith('https:') ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: 'POST', headers, signal }, (answer) => {
      answer.on('error', reject).resume();
      resolve(answer.statusCode ?? 0);
    });
    outgoing.on('error', (error) => reject(signal.aborted ? signal.reason : error));
    outgoing.end(body);
  });
}

class Refused extends Error {}

const isFinal = (status: number): boolean => status >= 400 && status < 500 && status !== 408 && status !== 429;

function inWords(error: unknown, timeout: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer in ${timeout} ms`;
  const { code } = error as NodeJS.ErrnoException;
  const said = error.message || code || 'it failed';
  return code === 'ECONNREFUSED' ? `nobody listens there (${said})` : said;
}
