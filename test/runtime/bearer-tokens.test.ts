import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fixedTokens, readBearerToken, reloadedTokens, splitTokens } from '../../runtime/bearer-tokens.ts';
import { until } from '../support/until.ts';

const dir = mkdtempSync(join(tmpdir(), 'sluice-tokens-'));
after(() => rmSync(dir, { recursive: true }));

for (const [header, token] of [
  ['Bearer one', 'one'],
  ['bearer   one ', 'one'],
  ['Bearer one two', undefined],
  ['Bearer', undefined],
  ['Basic one', undefined],
  ['one', undefined],
  ['', undefined],
  [undefined, undefined],
] as const)
  test(`Authorization ${JSON.stringify(header)} has the token ${token}`, () =>
    assert.equal(readBearerToken(header), token));

test('accepts each configured token of any length, and no similar text', () => {
  const tokens = fixedTokens(['first', 'a much longer second one']);
  assert.ok(tokens.include('first'));
  assert.ok(tokens.include('a much longer second one'));
  for (const other of ['', 'firs', 'firstt', 'First']) assert.ok(!tokens.include(other), other);
  assert.ok(!fixedTokens([]).include(''));
});

test('splits tokens at white space and commas', () => {
  assert.deepEqual(splitTokens(' a, b\n\tc,,d\r\n'), ['a', 'b', 'c', 'd']);
  assert.deepEqual(splitTokens(' ,\n'), []);
});

test('reads a changed token file again, and keeps the last valid tokens if it becomes invalid', async () => {
  const file = join(dir, 'tokens');
  const write = (text: string): void => {
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  };
  write('old');
  const tokens = reloadedTokens(file, ['old']);
  assert.ok(tokens.include('old'));
  write('old new');
  await until('the second token is valid', () => tokens.include('new'));
  assert.ok(tokens.include('old'));
  write('new');
  await until('the first token is no longer valid', () => !tokens.include('old'));

  rmSync(file);
  const gone = Date.now() + 1_200;
  await until('the missing file was checked', () => {
    assert.ok(tokens.include('new'), 'the last token must stay valid');
    return Date.now() > gone;
  });
  write('');
  const empty = Date.now() + 1_200;
  await until('the invalid file was checked', () => {
    assert.ok(tokens.include('new'), 'the last token must stay valid');
    return Date.now() > empty;
  });
  write('newest');
  await until('the file is read again', () => tokens.include('newest'));
  assert.ok(!tokens.include('new'));
});
