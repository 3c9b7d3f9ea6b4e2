import { expect } from 'vitest';
import { type CapturedFrame, Engine, type Lab, type Recording, scenario, startNginx } from '../lab/index.ts';
import { ethernet, ipv4, tcp } from '../packets/frame.ts';
import { U1, W1 } from './common.ts';
import { fig7, fig7Devices, S3 } from './fig7.ts';

type Mode = 'loopback' | 'nat';
type Answers = 'server' | 'firewall' | 'drop';

const PORT = 20;
const RST = 4;

/** Where the server is really reached: behind NAT and port translation, or as the service is. */
const reached = (mode: Mode) => (mode === 'nat' ? { address: S3, port: 2020 } : { address: W1, port: PORT });

const definitions = (mode: Mode, answers: Answers): string => `${fig7Devices(mode)}
services:
  web:
    address: ${W1}
    protocol: tcp
    port: ${PORT}
    sequence: [fw1, {copy: {to: [ids1], answers: ${answers}}}, ${mode === 'nat' ? '{app1: {port: 2020}}' : 'app1'}]
`;

/** curl with an upload that ends when there is a file to send, and how it ended; nginx answers the whole of it. */
const HOLD = `(until [ -s "$1" ]; do sleep 0.02; done; cat "$1") | {
	curl --silent --show-error --header Expect: --upload-file . http://${W1}:${PORT}/wait/
	echo ended with $?
}`;

interface Connection {
  readonly client: ReturnType<Lab['programs']['at']> & object;
  readonly port: number;
  /** Of the next segment of either side, as the IDS has seen it. */
  readonly next: { readonly client: number; readonly server: number };
  /** Sends what the request still lacks. */
  readonly finish: () => void;
}

/** The copies the IDS got of what the client sent. */
const copies = (lab: Lab, frames: readonly CapturedFrame[]): CapturedFrame[] =>
  frames.filter(({ way, fields: { ip, to } }) => way === 'out' && to === lab.host('ids').mac() && ip?.source === U1);

async function openConnection(lab: Lab, recording: Recording): Promise<Connection> {
  const host = lab.host('client');
  const client = host.start('sh', ['-c', HOLD, 'sh', `${host.folder}/upload`]);
  const sent = () => copies(lab, recording.frames()).map(({ fields: { ip } }) => ip?.payload.length ?? 0);
  await expect.poll(() => Math.max(0, ...sent()), { timeout: 5_000 }).toBeGreaterThan(0);
  const last = copies(lab, await recording.quiet()).at(-1)!;
  const view = new DataView(last.bytes.buffer, last.bytes.byteOffset);
  return {
    client,
    port: last.fields.ip?.sourcePort ?? 0,
    next: { client: view.getUint32(38) + (last.fields.ip?.payload.length ?? 0), server: view.getUint32(42) },
    finish: () => host.file('upload', 'that is all'),
  };
}

/** A reset to either side, in the name of the other, as an IDS makes them: by service address and port. */
async function reset(lab: Lab, { port, next }: Connection): Promise<void> {
  const address = { to: lab.engine.mac('i1'), from: lab.host('ids').mac() };
  const toServer = tcp({ source: port, destination: PORT, sequence: next.client, flags: RST });
  const toClient = tcp({ source: PORT, destination: port, sequence: next.server, flags: RST });
  await lab
    .host('ids')
    .send(
      'eth0',
      ethernet(address, ipv4({ source: U1, destination: W1 }, toServer)),
      ethernet(address, ipv4({ source: W1, destination: U1 }, toClient)),
    );
}

/** What left with a reset in it, copies aside: leg, receiver, from where to where. */
async function resets(lab: Lab, recording: Recording): Promise<string[]> {
  const frames = await recording.quiet();
  return frames
    .filter(({ way, fields }) => way === 'out' && fields.ip?.tcpFlags === RST && fields.to !== lab.host('ids').mac())
    .map(
      ({ leg, fields: { ip, to } }) =>
        `${leg} ${to} ${ip?.source}:${ip?.sourcePort} > ${ip?.destination}:${ip?.destinationPort}`,
    );
}

/** By which legs resets of the IDS leave, in either direction. */
function expectedResets(lab: Lab, mode: Mode, answers: Answers, port: number): string[] {
  const { address, port: real } = reached(mode);
  const [fw, client] = [lab.host('fw'), `${U1}:${port}`];
  const toServer = `i3 ${lab.host('s1').mac()} ${client} > ${address}:${real}`;
  const toClient = [
    `i2 ${fw.mac('fw1')} ${W1}:${PORT} > ${client}`,
    `i0 ${lab.host('router').mac('eth0')} ${W1}:${PORT} > ${client}`,
  ];
  switch (answers) {
    case 'server':
      return [toServer, ...toClient];
    case 'firewall':
      return [`i1 ${fw.mac('fw0')} ${client} > ${W1}:${PORT}`, toServer, ...toClient];
    case 'drop':
      return [];
  }
}

const established = async (lab: Lab, mode: Mode): Promise<string> =>
  (await lab.host('s1').run('ss', ['-Hnt', 'state', 'established', 'sport', '=', `:${reached(mode).port}`])).trim();

async function start(lab: Lab, mode: Mode, answers: Answers): Promise<Engine> {
  await startNginx(lab.host('s1'), { [reached(mode).port]: 'from s1' });
  return Engine.start(lab, definitions(mode, answers));
}

const HOW = { loopback: 'a loopback server', nat: 'a server behind NAT and port translation' } as const;

for (const mode of ['loopback', 'nat'] as const) {
  for (const [answers, way] of [
    ['server', 'goes straight to it'],
    ['firewall', 'goes by way of the firewall'],
  ] as const) {
    scenario(
      `S12 a reset of the IDS ends a connection of curl with nginx on ${HOW[mode]}: it ${way}, and back to the client`,
      fig7(mode),
      async (lab, recording) => {
        await start(lab, mode, answers);
        const connection = await openConnection(lab, recording);
        expect(await established(lab, mode)).toContain(`:${reached(mode).port}`);
        await reset(lab, connection);
        await connection.client.shows(/ended with 56/);
        expect((await resets(lab, recording)).sort()).toEqual(
          expectedResets(lab, mode, answers, connection.port).sort(),
        );
        expect(await established(lab, mode)).toBe('');
      },
    );
  }

  scenario(
    `S12 with answers: drop a reset of the IDS reaches neither curl nor nginx on ${HOW[mode]}, and they go on`,
    fig7(mode),
    async (lab, recording) => {
      const engine = await start(lab, mode, 'drop');
      const connection = await openConnection(lab, recording);
      await reset(lab, connection);
      expect(await resets(lab, recording)).toEqual([]);
      expect(await engine.verdict('DROP_UNDEFINED_PORT', 'i1')).toBe(1);
      expect(await engine.verdict('DROP_WRONG_ORIGIN', 'i1')).toBe(1);
      expect(await established(lab, mode)).toContain(`:${reached(mode).port}`);
      connection.finish();
      await connection.client.shows(/from s1/);
    },
  );
}
