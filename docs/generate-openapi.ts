/** Writes docs/openapi.json: the HTTP API of the control socket, from its routes. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openApi } from '../src/daemon/api/openapi.ts';

const file = fileURLToPath(new URL('openapi.json', import.meta.url));
writeFileSync(file, `${JSON.stringify(await openApi(), null, 2)}\n`);
