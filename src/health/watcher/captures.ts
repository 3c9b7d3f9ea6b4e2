import { readFileSync } from 'node:fs';
import type { HealthSpec } from '../../terms/health/spec.ts';
import { readPcap } from '../frames/pcap.ts';

/** The capture files that probes name: their frames, or why they cannot be read. */
export function readCaptures({ devices }: HealthSpec): ReadonlyMap<string, readonly Uint8Array[] | string> {
  const files = new Map<string, readonly Uint8Array[] | string>();
  for (const { probes } of devices) {
    for (const { question } of probes) {
      const file = 'frames' in question ? question.frames : undefined;
      if (file !== undefined && !files.has(file)) files.set(file, read(file));
    }
  }
  return files;
}

function read(file: string): readonly Uint8Array[] | string {
  try {
    return readPcap(readFileSync(file));
  } catch (error) {
    return (error as Error).message;
  }
}
