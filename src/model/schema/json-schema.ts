import * as z from 'zod';
import { fileSchema } from './schema.ts';

/** The JSON Schema of definition files. */
export function jsonSchema(): object {
  return {
    title: 'Hopline definitions',
    ...z.toJSONSchema(fileSchema, { io: 'input', target: 'draft-2020-12', reused: 'ref' }),
  };
}
