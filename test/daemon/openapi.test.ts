import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openApi } from '../../src/daemon/api/openapi.ts';

test('docs/openapi.json is what the routes say (node docs/generate-openapi.ts)', async () => {
  expect(JSON.parse(readFileSync('docs/openapi.json', 'utf8'))).toEqual(JSON.parse(JSON.stringify(await openApi())));
});

test('bodies, parameters and answers of a route are in it', async () => {
  const { paths } = (await openApi()) as { paths: Record<string, Record<string, Record<string, unknown>>> };
  const { put } = paths['/pools/{name}']!;
  expect(put).toMatchObject({
    description: 'For members of hopline-admin.',
    parameters: [{ name: 'name', in: 'path', required: true }],
    requestBody: { content: { 'application/json': { schema: { required: ['member'] } } } },
    responses: { 200: {}, default: { $ref: '#/components/responses/Failure' } },
  });
  expect(paths['/events']!.get!.parameters).toContainEqual({
    name: 'device',
    in: 'query',
    required: false,
    schema: { type: 'string' },
  });
});
