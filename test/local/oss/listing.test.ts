import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startCloud } from '../local-cloud.ts';
import { send } from '../raw-request.ts';

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** 2,500 keys in 25 folders, some of them not ASCII, with different orders in UTF-16 and UTF-8. */
const keys = Array.from({ length: 2_500 }, (_, index) => {
  const folder = index % 25 === 0 ? '目录😀' : index % 25 === 1 ? '目录～' : `folder ${index % 25}`;
  return `tree/${folder}/${index}`;
});

async function fill(endpoint: string, names: readonly string[]): Promise<void> {
  const queue = [...names];
  const putNext = async () => {
    for (let key = queue.pop(); key !== undefined; key = queue.pop()) {
      const put = { method: 'PUT', body: key, signal: AbortSignal.timeout(10_000) };
      await (await fetch(`${endpoint}/eb-ask/${encodeURIComponent(key)}`, put)).text();
    }
  };
  await Promise.all(Array.from({ length: 8 }, putNext));
}

interface Listed {
  readonly keys: string[];
  readonly prefixes: string[];
  readonly pages: number;
}

/** Reads all pages of a listing. `next` is the element with the next marker, and the query parameter for it. */
async function readAllPages(
  endpoint: string,
  query: string,
  next: readonly [element: string, parameter: string],
): Promise<Listed> {
  const listed = { keys: [] as string[], prefixes: [] as string[], pages: 0 };
  let marker = '';
  do {
    const answer = await send(endpoint, `/eb-ask?encoding-type=url&${query}${marker}`);
    assert.equal(answer.status, 200, answer.body.toString());
    const text = answer.body.toString();
    for (const [, key = ''] of text.matchAll(/<Key>([^<]*)</g)) listed.keys.push(decodeURIComponent(key));
    for (const [, prefix = ''] of text.matchAll(/<CommonPrefixes><Prefix>([^<]*)</g)) {
      listed.prefixes.push(decodeURIComponent(prefix));
    }
    listed.pages += 1;
    const [, value] = new RegExp(`<${next[0]}>([^<]*)<`).exec(text) ?? [];
    assert.equal(value !== undefined, text.includes('<IsTruncated>true<'));
    marker = value === undefined ? '' : `&${next[1]}=${value}`;
  } while (marker !== '' && listed.pages < 3_000);
  return listed;
}

const v1 = ['NextMarker', 'marker'] as const;
const v2 = ['NextContinuationToken', 'continuation-token'] as const;

test('lists 2,500 keys in byte order and in pages, with and without a delimiter', async (t) => {
  const endpoint = await startCloud(t);
  await fill(endpoint, keys);
  await fill(endpoint, ['tree', 'tree/', 'tree0', 'z']);
  const all = [...keys, 'tree', 'tree/', 'tree0', 'z'].sort(byBytes);
  const inTree = all.filter((key) => key.startsWith('tree/'));
  const folders = [...new Set(keys.map((key) => key.slice(0, key.lastIndexOf('/') + 1)))].sort(byBytes);

  for (const [version, query] of [
    [v1, ''],
    [v2, 'list-type=2&'],
  ] as const) {
    const everything = await readAllPages(endpoint, `${query}max-keys=1000`, version);
    assert.deepEqual(everything, { keys: all, prefixes: [], pages: 3 });
    const tree = await readAllPages(endpoint, `${query}prefix=tree/&max-keys=499`, version);
    assert.deepEqual(tree, { keys: inTree, prefixes: [], pages: 6 });
    const grouped = await readAllPages(endpoint, `${query}prefix=tree/&delimiter=/&max-keys=4`, version);
    assert.deepEqual(grouped, { keys: ['tree/'], prefixes: folders, pages: 7 });
    const top = await readAllPages(endpoint, `${query}delimiter=/`, version);
    assert.deepEqual(top, { keys: ['tree', 'tree0', 'z'], prefixes: ['tree/'], pages: 1 });
    const none = await readAllPages(endpoint, `${query}prefix=nothing`, version);
    assert.deepEqual(none, { keys: [], prefixes: [], pages: 1 });
  }
  const after = await readAllPages(endpoint, 'list-type=2&start-after=tree0', v2);
  assert.deepEqual(after.keys, ['z']);
  const marked = await readAllPages(endpoint, 'marker=tree/&delimiter=/', v1);
  assert.deepEqual([marked.keys, marked.prefixes], [['tree0', 'z'], []]);
});

test('deletes many keys in one request and lists them in the answer, unless the request is quiet', async (t) => {
  const endpoint = await startCloud(t);
  await fill(endpoint, ['a&b', ' a ', '007', '<q>\'"', '中', 'kept']);
  const body = ({ quiet, keys }: { quiet: boolean; keys: readonly string[] }) =>
    `<?xml version="1.0"?><Delete><Quiet>${quiet}</Quiet>${keys.map((key) => `<Object><Key>${key}</Key></Object>`).join('')}</Delete>`;
  const verbose = await send(endpoint, '/eb-ask?delete', {
    method: 'POST',
    body: body({ quiet: false, keys: ['a&amp;b', ' a ', '007', 'never there'] }),
  });
  assert.equal(verbose.status, 200);
  assert.deepEqual(
    [...verbose.body.toString().matchAll(/<Key>([^<]*)</g)].map(([, key]) => key),
    ['a&amp;b', ' a ', '007', 'never there'],
  );
  const quiet = await send(endpoint, '/eb-ask?delete', {
    method: 'POST',
    body: body({ quiet: true, keys: ['&lt;q&gt;&#39;&quot;', '&#x4e2d;'] }),
  });
  assert.deepEqual([quiet.status, quiet.body.toString()], [200, '']);
  assert.deepEqual((await readAllPages(endpoint, '', v1)).keys, ['kept']);
});

test('answers an error to invalid listing parameters', async (t) => {
  const endpoint = await startCloud(t);
  for (const query of [
    'max-keys=0',
    'max-keys=1001',
    'max-keys=x',
    'encoding-type=x',
    'list-type=2&continuation-token=!',
  ]) {
    const answer = await send(endpoint, `/eb-ask?${query}`);
    assert.deepEqual([answer.status, answer.code], [400, 'InvalidArgument'], query);
  }
  assert.equal((await send(endpoint, '/no-such')).code, 'NoSuchBucket');
});
