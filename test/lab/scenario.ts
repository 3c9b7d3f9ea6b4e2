/** A scenario: a lab, a capture on every leg, and a body; ends clean, and tells everything when it fails. */
import { test } from 'vitest';
import { type CapturedFrame, readable } from './capture.ts';
import { expectNoChecksumErrors } from './checksums.ts';
import { Lab, type Recording } from './lab.ts';
import type { Topology } from './topology.ts';

const LIMIT = 60_000;

async function story(lab: Lab, frames: readonly CapturedFrame[]): Promise<string> {
  const told = await Promise.all(lab.witnesses.map((witness) => witness()));
  const logs = lab.programs.map((program) => `--- ${program.name}\n${program.log.trimEnd()}`);
  return ['', `--- ${frames.length} frames`, readable(frames.slice(0, 400)), ...logs, ...told].join('\n');
}

/**
 * One end-to-end test. After the body: no frame had a wrong checksum, and no host received one.
 * A failing one prints its captures and the logs of its programs.
 */
export function scenario(
  name: string,
  topology: Topology,
  body: (lab: Lab, recording: Recording) => Promise<void>,
): void {
  test(name, { timeout: LIMIT }, async () => {
    const lab = await Lab.create(topology);
    try {
      const recording = await lab.capture();
      try {
        await body(lab, recording);
        const wrong = (await recording.stop()).filter((frame) => !frame.fields.checksumsValid);
        if (wrong.length > 0) {
          throw new Error(`check checksums: ${wrong.length} frames have a wrong one:\n${readable(wrong)}`);
        }
        await expectNoChecksumErrors(lab.hosts);
      } catch (error) {
        if (error instanceof Error) {
          error.message += await story(lab, recording.frames());
        }
        throw error;
      }
    } finally {
      await lab.close();
    }
  });
}
