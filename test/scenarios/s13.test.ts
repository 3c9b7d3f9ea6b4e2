import { expect } from 'vitest';
import { type CapturedFrame, Engine, fetchHttp, listener, scenario, startNginx } from '../lab/index.ts';
import { W1 } from './common.ts';
import { fig7, fig7Devices } from './fig7.ts';

const definitions = `${fig7Devices('nat')}  ids2: {kind: tap, function: ids, vendor: other, legs: {only: {interface: i1, mac: "02:00:00:00:06:01"}}}
  ids3: {kind: tap, function: ids, vendor: third, legs: {only: {interface: i2, mac: "02:00:00:00:07:01"}}}
services:
  web: {address: ${W1}, protocol: tcp, port: 80, sequence: [fw1, {copy: [ids1, ids2, ids3]}, {app1: {port: 8080}}]}
`;

const plain = fig7('nat');
const hex = (frame: CapturedFrame): string => Buffer.from(frame.bytes.subarray(14)).toString('hex');

scenario(
  'S13 three IDSs, two of them on one interface, get the same packets, each under its own MAC',
  { ...plain, hosts: { ...plain.hosts, ids2: listener('i1'), ids3: listener('i2') } },
  async (lab, recording) => {
    await startNginx(lab.host('s1'), { 8080: 'from s1' });
    const engine = await Engine.start(lab, definitions);
    expect(await fetchHttp(lab.host('client'), `${W1}:80`)).toContain('from s1');
    const frames = await recording.quiet();
    const copies = ['ids', 'ids2', 'ids3'].map((name) =>
      frames.filter((frame) => frame.way === 'out' && frame.fields.to === lab.host(name).mac()).map(hex),
    );
    expect(copies[0]?.length).toBeGreaterThan(6);
    expect(copies[1]).toEqual(copies[0]);
    expect(copies[2]).toEqual(copies[0]);
    expect(await engine.verdict('COPIED')).toBe(copies[0]?.length);
  },
);
