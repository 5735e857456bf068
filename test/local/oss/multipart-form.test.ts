import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { readForm } from '../../../local/oss/multipart-form.ts';

const TYPE = 'multipart/form-data; boundary=b';

async function* chunksOf(body: string, bytes: number): AsyncGenerator<Buffer> {
  const whole = Buffer.from(body);
  for (let at = 0; at < whole.length; at += bytes) yield whole.subarray(at, at + bytes);
}

async function partsOf(body: AsyncIterable<Buffer>) {
  const parts = [];
  for await (const { content, ...headers } of readForm(body, TYPE)) {
    const chunks: Buffer[] = [];
    for await (const chunk of content) chunks.push(chunk);
    parts.push({ ...headers, text: Buffer.concat(chunks).toString() });
  }
  return parts;
}

const part = (disposition: string, content: string, headers = '') =>
  `--b\r\nContent-Disposition: form-data; ${disposition}${headers}\r\n\r\n${content}\r\n`;

const almostTheEnd = '\r\n--\r\r\n--a\r\n\r\n-b';

test('reads the parts of a form, with every size of chunks', async () => {
  const body = [
    'preamble\r\n',
    part('name="key"', ''),
    part('name="a"', almostTheEnd),
    part('filename="报 \\"告\\".txt"; name=file', '内容', '\r\ncontent-type: text/html; charset=utf-8'),
    part('name="file"; filename="C:\\folder\\a.txt"', 'x'),
    '--b--\r\nepilogue',
  ].join('');
  for (let bytes = 1; bytes <= Buffer.byteLength(body); bytes += 1) {
    assert.deepEqual(await partsOf(chunksOf(body, bytes)), [
      { name: 'key', filename: undefined, contentType: undefined, text: '' },
      { name: 'a', filename: undefined, contentType: undefined, text: almostTheEnd },
      { name: 'file', filename: '报 "告".txt', contentType: 'text/html; charset=utf-8', text: '内容' },
      { name: 'file', filename: 'a.txt', contentType: undefined, text: 'x' },
    ]);
  }
});

test('skips the content of a part that is not read to its end, and reads the body to its end', async () => {
  let ended = false;
  async function* body(): AsyncGenerator<Buffer> {
    yield* chunksOf(`${part('name="a"', '12345')}${part('name="b"', '67890')}--b--\r\nepilogue`, 3);
    ended = true;
  }
  const names: string[] = [];
  for await (const { name, content } of readForm(body(), TYPE)) {
    names.push(name);
    for await (const _ of content) break;
  }
  assert.deepEqual(names, ['a', 'b']);
  assert.ok(ended);
});

test('throws what the body throws, also if the content of the part is not read', async () => {
  const cut = new Error('cut');
  async function* body(): AsyncGenerator<Buffer> {
    yield Buffer.from(part('name="a"', '12345').slice(0, -4));
    throw cut;
  }
  await assert.rejects(partsOf(body()), cut);
  await assert.rejects(async () => {
    for await (const _ of readForm(body(), TYPE));
  }, cut);
});

test('ignores an error that the parser finds after the caller stopped reading', async () => {
  async function* body(): AsyncGenerator<Buffer> {
    yield Buffer.from(part('name="a"', 'x'.repeat(20_000)).slice(0, -2));
    yield Buffer.from('\r\n--b-x');
  }
  // The failure of the test would be an uncaught exception.
  for await (const { content } of readForm(body(), TYPE)) {
    for await (const _ of content) break;
    break;
  }
  await setTimeout(10);
});

test('does not read ahead while parts wait, or while content waits', { timeout: 60_000 }, async () => {
  const short = part('name="a"', 'x').repeat(10);
  const long = part('name="a"', 'x'.repeat(1_000_000));
  for (const [form, chunkBytes] of [
    [short.repeat(200), short.length],
    [long, 50_000],
  ] as const) {
    let chunks = 0;
    async function* body(): AsyncGenerator<Buffer> {
      for await (const chunk of chunksOf(`${form}--b--`, chunkBytes)) {
        chunks += 1;
        yield chunk;
      }
    }
    let first = true;
    for await (const _ of readForm(body(), TYPE)) {
      if (first) await setTimeout(50);
      if (first) assert.ok(chunks <= 3, `${chunks} chunks`);
      first = false;
    }
    assert.equal(chunks, Math.ceil((form.length + 5) / chunkBytes));
  }
});

for (const [name, body] of [
  ['is empty', ''],
  ['has no boundary', 'x'],
  ['ends after a boundary', '--b'],
  ['ends in the headers of a part', '--b\r\nContent-Disposition: form-data; name="a"\r\n'],
  ['ends in the content of a part', part('name="a"', 'x').slice(0, -2)],
  ['has text after a boundary', `--bx\r\n${part('name="a"', 'x')}--b--`],
  ['has a part without Content-Disposition', '--b\r\nContent: form-data; name="a"\r\n\r\nx\r\n--b--'],
  ['has a part that is no form-data', '--b\r\nContent-Disposition: inline; name="a"\r\n\r\nx\r\n--b--'],
  ['has headers of over 16 KiB', `${part(`name="${'a'.repeat(16_400)}"`, 'x')}--b--`],
] as const) {
  test(`rejects a form that ${name}`, async () => {
    await assert.rejects(partsOf(chunksOf(body, 7)), { code: 'MalformedPOSTRequest' });
  });
}
