import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { readOpenApiDocument } from '../../api/openapi-document.ts';
import { startApi } from './running-api.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

test('api/openapi-types.ts is what the script generates from api/openapi.yaml', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-test-openapi-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  const generated = join(dir, 'types.ts');
  await promisify(execFile)(process.execPath, [join(root, 'scripts/openapi/generate.mjs'), generated], {
    timeout: 300_000,
  });
  assert.ok(
    (await readFile(generated, 'utf8')) === (await readFile(join(root, 'api/openapi-types.ts'), 'utf8')),
    'api/openapi-types.ts differs; run node scripts/openapi/generate.mjs',
  );
});

test('the served document is the description, with a unique id and a summary for each operation', async (t) => {
  const unavailable = () => Promise.reject(new Error('the store must not be called'));
  const { get } = await startApi(t, { store: { get: unavailable, getMany: unavailable } });
  const { status, body, headers } = await get('/openapi.json');
  assert.equal(status, 200);
  assert.equal(headers['content-type'], 'application/json; charset=utf-8');
  assert.deepEqual(body, parse(await readFile(join(root, 'api/openapi.yaml'), 'utf8')));
  assert.equal(body.openapi, '3.1.0');
  const operations = Object.values(readOpenApiDocument().paths)
    .flatMap(({ get, post, patch, delete: remove }) => [get, post, patch, remove])
    .filter((operation) => operation !== undefined) as { operationId?: string; summary?: string }[];
  assert.equal(new Set(operations.map(({ operationId }) => operationId)).size, operations.length);
  for (const { operationId, summary } of operations) assert.ok((summary ?? '').length > 5, operationId);
  const refs = JSON.stringify(body).match(/"#\/components\/[^"]+"/g) ?? [];
  for (const ref of new Set(refs)) {
    const parts = JSON.parse(ref).slice(2).split('/') as string[];
    const found = parts.reduce<unknown>(
      (at, part) => (at as Record<string, unknown> | undefined)?.[part],
      body,
    );
    assert.ok(found !== undefined, ref);
  }
});

test('the paths for operators exist, and report when the process is stopping', async (t) => {
  const none = { get: async () => undefined, getMany: async () => [] } as never;
  let draining = false;
  const { get } = await startApi(t, { store: none, draining: () => draining });
  for (const path of ['/livez', '/readyz']) {
    const answer = await get(path);
    assert.deepEqual([answer.status, answer.text], [200, '']);
  }
  const { headers } = await get('/v1/cities?q=x');
  assert.equal(headers['x-powered-by'], undefined);
  await get('/nowhere');
  const metrics = await get('/metrics');
  assert.match(String(metrics.headers['content-type']), /^text\/plain/);
  assert.match(metrics.text, /request_duration_seconds_count\{route="\/v1\/cities",status="200"\} 1\n/);
  assert.match(metrics.text, /request_duration_seconds_count\{route="none",status="404"\} 1\n/);
  draining = true;
  const ready = await get('/readyz');
  assert.deepEqual([ready.status, ready.body.detail], [503, 'the api is stopping']);
  assert.equal(ready.headers.connection, 'close');
  assert.equal((await get('/livez')).status, 200);
});
