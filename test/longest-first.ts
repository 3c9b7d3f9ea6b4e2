import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files of fifteen seconds and more, the longest first. The order is all that depends on this list. */
const LONG: readonly string[] = [
  'test/robust/killed.test.ts',
  'test/robust/damaged.test.ts',
  'test/daemon/running.test.ts',
  'test/daemon/watching.test.ts',
  'test/differential/live.test.ts',
  'test/differential/differential.test.ts',
  'test/robust/unable.test.ts',
  'test/scenarios/s25-proxies.test.ts',
  'test/robust/full-tables.test.ts',
  'test/robust/broken-files.test.ts',
  'test/robust/writers.test.ts',
  'test/dataplane/engine.test.ts',
  'test/scenarios/s08-again.test.ts',
  'test/scenarios/s23.test.ts',
  'test/health/watcher/watcher.test.ts',
  'test/health/probes/faults.test.ts',
  'test/scenarios/s09.test.ts',
  'test/health/watcher/devices.test.ts',
  'test/scenarios/s55.test.ts',
  'test/scenarios/s14.test.ts',
  'test/scenarios/s12.test.ts',
  'test/scenarios/s04.test.ts',
  'test/scenarios/s3d.test.ts',
];

/** Begins with the long files, so that no worker is left alone with one in the end; a fresh clone knows no durations. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId, project }: TestSpecification): number => {
      const found = LONG.indexOf(relative(project.config.root, moduleId));
      return found === -1 ? LONG.length : found;
    };
    return (await super.sort(files)).sort((one, other) => place(one) - place(other));
  }
}
