/**
 * The lab, in one import. A scenario is a topology (plain values, mostly made by roles.ts), definitions as a user would
 * write them, real programs at both ends, and a table that says what each leg of the engine must see:
 *
 *     scenario('S01 ...', topology, async (lab, recording) => {
 *       await startNginx(lab.host('s1'), { 80: 'from s1' });
 *       await Engine.start(lab, definitions);
 *       expect(await fetchHttp(lab.host('client'), `${W1}:80`)).toContain('from s1');
 *       expectLegs(await recording.quiet(), TABLE, namesOf(lab, { U1, W1, P1: 80 }));
 *     });
 */
export { type CapturedFrame, flagText, frameLine, readable } from './capture.ts';
export { expectNoChecksumErrors } from './checksums.ts';
export { fillDatabase, startApplication } from './database-client.ts';
export { Engine } from './engine.ts';
export {
  type Cure,
  cutSilently,
  forwardsNothing,
  forwardsNothingFrom,
  ignoresNewConnections,
  ignoresPort,
  linkDown,
  neverAnswers,
} from './faults.ts';
export { startBalancer } from './haproxy.ts';
export type { Host } from './host.ts';
export { Lab, type Recording } from './lab.ts';
export { expectLegs, legProblems } from './legs.ts';
export { namesOf } from './names.ts';
export { startPostgres } from './postgres.ts';
export type { Program } from './program.ts';
export { fetchHttp, startFtp, startNginx } from './programs.ts';
export { startReceiver, type Told } from './receiver.ts';
export * from './roles.ts';
export { scenario } from './scenario.ts';
export { startSlowServer } from './slow-server.ts';
export { startSquid } from './squid.ts';
export { startDownload, startStream } from './stream.ts';
export type { HostSpec, LegSpec, Topology } from './topology.ts';
export { startTunnel } from './tunnel.ts';
export { askUdp, startUdpEcho } from './udp.ts';
export { isProbe, type Watching, watch } from './watching.ts';
