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
  test(`Authorization ${JSON.stringify(header)} presents the token ${token}`, () =>
    assert.equal(readBearerToken(header), token));

test('each token is included, whatever its length, and nothing like it', () => {
  const tokens = fixedTokens(['first', 'a much longer second one']);
  assert.ok(tokens.include('first'));
  assert.ok(tokens.include('a much longer second one'));
  for (const other of ['', 'firs', 'firstt', 'First']) assert.ok(!tokens.include(other), other);
  assert.ok(!fixedTokens([]).include(''));
});

test('tokens stand in a text separated by white space or commas', () => {
  assert.deepEqual(splitTokens(' a, b\n\tc,,d\r\n'), ['a', 'b', 'c', 'd']);
  assert.deepEqual(splitTokens(' ,\n'), []);
});

test('a file of tokens is read again when it changed, and the last good ones outlive a bad one', async () => {
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
  await until('the first token is gone', () => !tokens.include('old'));

  rmSync(file);
  const gone = Date.now() + 1_200;
  await until('the file was looked for', () => {
    assert.ok(tokens.include('new'), 'the last good token is valid');
    return Date.now() > gone;
  });
  write('');
  const empty = Date.now() + 1_200;
  await until('the file was looked at', () => {
    assert.ok(tokens.include('new'), 'the last good token is valid');
    return Date.now() > empty;
  });
  write('newest');
  await until('the file is read again', () => tokens.include('newest'));
  assert.ok(!tokens.include('new'));
});
