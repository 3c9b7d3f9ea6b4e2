/** The system's libbpf, typed: object files, maps, programs, links, ring buffers. Knows nothing of Hopline. */
export { possibleCpus } from './cpus.ts';
export { createMap, type MapSpec } from './create-map.ts';
export { BpfError } from './errors.ts';
export type { LinkInfo } from './info.ts';
export { attachXdp, BpfLink, type XdpMode } from './link.ts';
export { LoadedObject } from './loaded-object.ts';
export { FileLock } from './lock.ts';
export { BpfMap, type UpdateMode } from './map.ts';
export { BatchCursor } from './map-batch.ts';
export { isPerCpu, MapFlag, type MapType } from './map-types.ts';
export { membarrier } from './membarrier.ts';
export { type MessageLevel, type PrintCallback, setPrintCallback } from './messages.ts';
export { OpenObject, type OpenOptions, openObject } from './object.ts';
export { BpfProgram, type ProgramType } from './program.ts';
export { RingBuffer } from './ring-buffer.ts';
export type { TestRun, TestRunResult, XdpContext } from './test-run-block.ts';
export { type XdpState, xdpQuery } from './xdp.ts';
export { type XdpFeature, xdpFeatures } from './xdp-features.ts';
