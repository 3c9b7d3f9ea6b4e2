/** The process that runs cases inside the engine's namespace: a request as its argument, the report as its last line. */
import { type Request, runHere } from './run.ts';

console.log(JSON.stringify(await runHere(JSON.parse(process.argv[2] ?? '') as Request)));
