import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { searchAttributeKeywords, toSearchAttributeKeyword } from '../../domain/search-attribute-keyword.ts';
import { eventHash, toWorkflowId } from '../../domain/workflow-id.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

// The digests were made with `printf '["unzip","acs.oss","1"]' | sha256sum`.
const hashes: readonly (readonly [route: string, source: string, id: string, hash: string])[] = [
  ['unzip', 'acs.oss', '1', '1da6704a3362b2c8'],
  ['unzip', 'acs.oss1', '', 'be13db803afa531d'],
  ['r', 's', '事件', '2fcb92edf4763b58'],
];

for (const [route, source, id, hash] of hashes) {
  test(`the hash of an event is the start of the SHA-256 of ${JSON.stringify([route, source, id])}`, () => {
    assert.equal(eventHash(route, source, id), hash);
  });
}

const notShortened: readonly (readonly [text: string, id: string])[] = [
  ['unzip:eb-ask/zip/demo.zip:0123456789abcdef', 'unzip:eb-ask/zip/demo.zip:0123456789abcdef'],
  ['unzip:b/zip/a b+c~(1).zip', 'unzip:b/zip/a b+c~(1).zip'],
  ['unzip:b/zip/中文.zip', 'unzip:b/zip/%E4%B8%AD%E6%96%87.zip'],
  ['Euro € 😀', 'Euro %E2%82%AC %F0%9F%98%80'],
  ['a'.repeat(255), 'a'.repeat(255)],
];

for (const [text, id] of notShortened) {
  test(`percent-encodes the non-ASCII characters of ${JSON.stringify(text.slice(0, 40))}, and does not shorten the id`, () => {
    assert.equal(toWorkflowId(text), id);
  });
}

test('shortens an id of more than 255 bytes; the short id ends with ~ and 16 digits of the SHA-256 of the full id', () => {
  for (const text of ['a'.repeat(256), `unzip:b/zip/${'x/'.repeat(500)}y.zip`]) {
    const id = toWorkflowId(text);
    assert.equal(id, `${text.slice(0, 238)}~${sha256(text).slice(0, 16)}`);
    assert.equal(Buffer.byteLength(id), 255);
  }
});

test('gives two texts different ids, even if one text is the percent-encoded form of the other', () => {
  assert.notEqual(toWorkflowId('unzip-into:b/unzip/中'), toWorkflowId('unzip-into:b/unzip/%E4%B8%AD'));
  assert.notEqual(toWorkflowId('unzip-into:b/unzip/%'), toWorkflowId('unzip-into:b/unzip/%25'));
});

test('gives different ids to two long texts that differ only in the part that is cut off, also if they are percent-encoded', () => {
  const ids = ['a', 'b'].map((end) => toWorkflowId(`unzip:b/zip/${'中'.repeat(100)}${end}.zip`));
  assert.equal(new Set(ids).size, 2);
  for (const id of ids) {
    assert.match(id, /^unzip:b\/zip\/(?:%E4%B8%AD)+[%E48BAD]*~[0-9a-f]{16}$/);
    assert.equal(Buffer.byteLength(id), 255);
  }
});

test('keeps a keyword of at most 255 characters, and replaces a longer one by its hash', () => {
  assert.equal(toSearchAttributeKeyword('/shop'), '/shop');
  assert.equal(toSearchAttributeKeyword('x'.repeat(255)), 'x'.repeat(255));
  assert.equal(toSearchAttributeKeyword('x'.repeat(256)), `sha256:${sha256('x'.repeat(256))}`);
});

test('looks for a value of up to 255 characters as earlier builds wrote it, too', () => {
  assert.deepEqual(searchAttributeKeywords('/shop'), ['/shop']);
  const longest = `"${'x'.repeat(254)}`;
  assert.deepEqual(searchAttributeKeywords(longest), [`sha256:${sha256(longest)}`, longest]);
  assert.deepEqual(searchAttributeKeywords(`${longest}x`), [`sha256:${sha256(`${longest}x`)}`]);
});

for (const [text, id] of [
  ['city:北京 Zürich ١٢ हिन्दी', 'city:北京 Zürich ١٢ हिन्दी'],
  ['a%b', 'a%25b'],
  ['😀\u200b', '%F0%9F%98%80%E2%80%8B'],
  ['\u0007', '%07'],
] as const)
  test(`a readable id keeps the letters, digits and marks of all scripts in ${JSON.stringify(text)}`, () =>
    assert.equal(toWorkflowId(text, true), id));

test('shortens a readable id over 255 bytes between two characters', () => {
  assert.equal(toWorkflowId('中'.repeat(85), true), '中'.repeat(85));
  const cut = toWorkflowId(`${'中'.repeat(85)}a`, true);
  assert.equal(cut, `${'中'.repeat(79)}~${sha256(`${'中'.repeat(85)}a`).slice(0, 16)}`);
  assert.ok(Buffer.byteLength(cut) <= 255);
});
