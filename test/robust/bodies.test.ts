import { readFileSync } from 'node:fs';
import { type ClientRequest, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bed } from './bed.ts';

const bed = new Bed('bo');

beforeAll(async () => {
  await bed.start();
});

afterAll(async () => {
  await bed.controller.kill('SIGTERM');
  await bed.hopline('detach', '--all');
  await bed.close();
});

interface Answer {
  readonly status: number;
  readonly body: { readonly message: string; readonly problems: readonly string[] };
}

function put(send: (asked: ClientRequest) => void): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const asked = request({ socketPath: bed.socket, path: '/definitions', method: 'PUT', headers });
    asked.on('response', (answer) => {
      text(answer).then(
        (said) => resolve({ status: answer.statusCode!, body: JSON.parse(said) as Answer['body'] }),
        reject,
      );
    });
    asked.on('error', reject);
    send(asked);
  });
}

const definitions = (written: string) => (asked: ClientRequest) =>
  void asked.end(JSON.stringify({ text: written, file: 'body.yaml' }));

/** How often the controller answers while it judges a body. */
async function answeredMeanwhile(work: Promise<unknown>): Promise<number> {
  let answered = 0;
  let done = false;
  const ended = work.finally(() => {
    done = true;
  });
  while (!done) {
    await ping();
    answered++;
  }
  await ended;
  return answered;
}

function ping(): Promise<unknown> {
  return new Promise((resolve, reject) => {
    request({ socketPath: bed.socket, path: '/ping' }, (answer) => resolve(text(answer)))
      .on('error', reject)
      .end();
  });
}

/** In MB. */
function memory(): number {
  const status = readFileSync(`/proc/${bed.controller.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024;
}

describe('definitions that are too much', () => {
  it('8,000,000 lines are refused beside the controller, which goes on answering and keeps none of it', async () => {
    await bed.unchanged(async () => {
      const before = memory();
      const refused = put(definitions('a: b\n'.repeat(8_000_000)));
      expect(await answeredMeanwhile(refused)).toBeGreaterThan(20);
      expect(await refused).toMatchObject({ status: 422, body: { problems: [expect.stringContaining('lines')] } });
      expect(memory() - before).toBeLessThan(400);
    });
  });

  it('keys nobody knows are refused at their places, beside the controller', async () => {
    await bed.unchanged(async () => {
      const keys = Array.from({ length: 200_000 }, (_, i) => `k${i}: b\n`).join('');
      const refused = put(definitions(keys));
      expect(await answeredMeanwhile(refused)).toBeGreaterThan(20);
      const { status, body } = await refused;
      expect(status).toBe(422);
      expect(body.problems.join('\n')).toContain('there is no key "k0"');
    });
  });

  it('names that grow by aliases are refused beside the controller', async () => {
    const tables = Array.from(
      { length: 40 },
      (_, i) => `x-${i + 1}: &t${i + 1} [${Array(20).fill(`*t${i}`).join(', ')}]`,
    );
    const bomb = `x-0: &t0 [a]\n${tables.join('\n')}\n# ${'x'.repeat(600_000)}\nservices: {a: {customer: *t40}}\n`;
    const { status } = await put(definitions(bomb));
    expect(status).toBe(422);
  });

  it('a body without an end is refused before it is read', async () => {
    const piece = Buffer.alloc(1024 * 1024, 'x');
    let sent = 0;
    const refused = put((asked) => {
      const more = (): void => {
        sent++;
        if (sent < 200) asked.write(piece, more);
        else asked.end();
      };
      asked.write('{"text": "');
      more();
    });
    // Who still sends when it is closed hears that instead.
    const answer = await refused.catch((error: NodeJS.ErrnoException) => error.code);
    expect([413, 'EPIPE', 'ECONNRESET']).toContain(typeof answer === 'object' ? answer.status : answer);
    expect(sent).toBeLessThan(100);
    await ping();
  });

  it('a body that is no JSON, or another one, is refused', async () => {
    for (const body of ['{', '[]', '{"text": 1, "file": "a"}', '{"text": "a", "file": "a", "value": {}}']) {
      expect((await put((asked) => void asked.end(body))).status).toBe(422);
      const large = `${body.slice(0, 1)}${' '.repeat(600_000)}${body.slice(1)}`;
      expect((await put((asked) => void asked.end(large))).status).toBe(422);
    }
  });

  it('and large ones that are right come into force', async () => {
    const right = `${bed.definitions()}# ${'x'.repeat(600_000)}\n`;
    expect(await put(definitions(right))).toMatchObject({ status: 200 });
  });
});
