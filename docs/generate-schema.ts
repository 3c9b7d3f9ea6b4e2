/**
 * Writes docs/hopline.schema.json, by which editors complete and check definition files. Run it, and the formatter
 * behind it, when src/model/schema/schema.ts changed: node docs/generate-schema.ts && npm run format
 */
import { writeFileSync } from 'node:fs';
import { jsonSchema } from '../src/model/schema/json-schema.ts';

writeFileSync(new URL('hopline.schema.json', import.meta.url), JSON.stringify(jsonSchema()));
