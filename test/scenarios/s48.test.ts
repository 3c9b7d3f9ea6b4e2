import { expect } from 'vitest';
import { Engine, fetchHttp, scenario, startNginx } from '../lab/index.ts';
import { W1 } from './common.ts';
import { fig7, fig7Devices } from './fig7.ts';

const definitions = `${fig7Devices('nat')}
services:
  web: {address: ${W1}, protocol: tcp, port: 80, sequence: [fw1, {copy: [ids1]}, {app1: {port: 8080}}]}
`;

scenario(
  'S48 forwarding goes on while the controller is killed and started again, and the counters go on where they were',
  fig7('nat'),
  async (lab, recording) => {
    await startNginx(lab.host('s1'), { 8080: 'from s1' });
    const engine = await Engine.start(lab, definitions);
    const client = lab.host('client');
    expect(await fetchHttp(client, `${W1}:80`)).toContain('from s1');
    engine.controller.signal('SIGKILL');
    await engine.controller.stop();
    expect(await fetchHttp(client, `${W1}:80`)).toContain('from s1');
    engine.run();
    await engine.ready();
    expect(await fetchHttp(client, `${W1}:80`)).toContain('from s1');
    const frames = await recording.quiet();
    const came = frames.filter((frame) => frame.way === 'in' && frame.fields.ip?.protocol === 6).length;
    expect((await engine.verdict('FORWARDED')) + (await engine.verdict('COPIED'))).toBe(came);
  },
);
