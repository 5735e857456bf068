import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { prepareSluice } from './sluice.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const sluice = prepareSluice(() => ({}));
after(() => sluice.remove());

function routesFile(name: string, text: string): string {
  const file = join(sluice.home, name);
  writeFileSync(file, text);
  return file;
}

const good = routesFile(
  'good.yaml',
  `routes:
  - { name: orders, match: { type: [order.placed] }, workflow: handleOrder, queue: orders, id: "{id}" }
sources:
  - { name: shop, auth: [{ bearer: { env: SHOP_TOKENS } }] }
`,
);
const wrong = routesFile(
  'wrong.yaml',
  `routes:
  - name: orders
    match: { type: order.placed }
    workflow: handleOrder
    queue: orders
    id: "{id"
    retries: 5
`,
);

test('sluice routes check prints one line for a valid file, and the variables that it needs', async () => {
  const { code, stdout, stderr } = await sluice(['routes', 'check', good]);
  assert.equal(code, 0);
  assert.equal(stdout, 'no mistakes; routes: 1 (orders); sources: 1 (shop)\n');
  assert.match(stderr, /required by a gateway with these routes: SHOP_TOKENS/);
  const set = await sluice(['routes', 'check', good], { env: { SHOP_TOKENS: 'a-secret' } });
  assert.deepEqual([set.code, set.stderr], [0, '']);
});

test('sluice routes check prints every mistake of every file with line and path, and fails', async () => {
  const absent = join(sluice.home, 'absent.yaml');
  const { code, stdout } = await sluice(['routes', 'check', wrong, good, absent]);
  assert.equal(code, 1);
  const [pattern = '', id = '', unknown = '', unreadable = '', ...more] = stdout.trim().split('\n');
  assert.ok(pattern.startsWith(`${wrong}:3: routes[0].match.type: `), pattern);
  assert.ok(id.startsWith(`${wrong}:6: routes[0].id: "{id" has an unmatched brace`), id);
  assert.ok(
    unknown.startsWith(`${wrong}:7: routes[0].retries is an unknown field; allowed: name, `),
    unknown,
  );
  assert.equal(unreadable, `${absent}: the routes file cannot be read (ENOENT)`);
  assert.deepEqual(more, []);
});

test('sluice routes check --json prints an object for programs', async () => {
  const right = await sluice(['routes', 'check', '--json', good]);
  assert.equal(right.code, 0);
  assert.deepEqual(JSON.parse(right.stdout), { routes: ['orders'], sources: ['shop'], mistakes: [] });
  const { code, stdout } = await sluice(['routes', 'check', '--json', wrong]);
  assert.equal(code, 1);
  const { mistakes } = JSON.parse(stdout) as { mistakes: { file: string; line: number; sentence: string }[] };
  assert.deepEqual(
    mistakes.map(({ file, line }) => [file, line]),
    [
      [wrong, 3],
      [wrong, 6],
      [wrong, 7],
    ],
  );
  assert.match(mistakes[2]?.sentence ?? '', /^routes\[0\]\.retries is an unknown field/);
});

test('sluice routes schema prints the JSON Schema of the package', async () => {
  const { code, stdout } = await sluice(['routes', 'schema']);
  assert.equal(code, 0);
  assert.deepEqual(
    JSON.parse(stdout),
    JSON.parse(readFileSync(join(root, 'gateway/routes.schema.json'), 'utf8')),
  );
});

for (const [args, says] of [
  [['check'], /<file> is missing/],
  [['check', '--strict', 'a'], /'--strict'/],
  [['schema', 'a'], /"a" is one argument too many/],
  [['chek', 'a'], /did you mean `sluice routes check`/],
] as const)
  test(`sluice routes ${args.join(' ')} is incorrect usage`, async () => {
    const { code, stderr } = await sluice(['routes', ...args]);
    assert.equal(code, 2);
    assert.match(stderr, says);
  });
