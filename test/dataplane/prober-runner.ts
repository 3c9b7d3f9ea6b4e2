/** Runs the cases one after the other and prints a line of JSON for each; started in a namespace by prober.test.ts. */
import { cases } from './prober-cases.ts';
import { onStage } from './stage.ts';

for (const [name, run] of Object.entries(cases)) {
  if (process.argv[2] && !name.includes(process.argv[2])) continue;
  const error = await onStage(run).then(
    () => undefined,
    (reason: unknown) => (reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)),
  );
  console.log(JSON.stringify({ name, error }));
}
