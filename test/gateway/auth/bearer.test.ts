import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { bearerCredential } from '../../../gateway/auth/bearer.ts';
import { fixedTokens, tokensFile, tokensIn } from '../../../runtime/bearer-tokens.ts';
import { until } from '../../support/until.ts';

const dir = mkdtempSync(join(tmpdir(), 'sluice-tokens-'));
after(() => rmSync(dir, { recursive: true }));

const ask = (authorization?: string, accessToken?: string) => ({
  headers: authorization === undefined ? {} : { authorization },
  body: Buffer.alloc(0),
  accessToken,
});

const credential = bearerCredential(fixedTokens(['first', 'second']));

const cases: readonly (readonly [
  authorization: string | undefined,
  query: string | undefined,
  proof: string,
])[] = [
  ['Bearer first', undefined, 'proven'],
  ['Bearer second', undefined, 'proven'],
  ['bearer first', undefined, 'proven'],
  ['BEARER   first ', undefined, 'proven'],
  [undefined, 'second', 'proven'],
  ['Bearer first', 'wrong', 'proven'],
  ['Bearer wrong', 'first', 'wrong'],
  ['Basic Zmlyc3Q6', 'first', 'proven'],
  ['Bearer third', undefined, 'wrong'],
  ['Bearer firs', undefined, 'wrong'],
  ['Bearer firstt', undefined, 'wrong'],
  ['Bearer First', undefined, 'wrong'],
  ['Bearer first second', undefined, 'absent'],
  [undefined, 'wrong', 'wrong'],
  [undefined, undefined, 'absent'],
  [undefined, '', 'absent'],
  ['', undefined, 'absent'],
  ['Bearer', undefined, 'absent'],
  ['Bearer ', undefined, 'absent'],
  ['Basic Zmlyc3Q6', undefined, 'absent'],
  ['first', undefined, 'absent'],
];
for (const [authorization, query, proof] of cases) {
  test(`Authorization ${JSON.stringify(authorization)} with ?access_token=${query} is ${proof}`, async () => {
    assert.equal(await credential.check(ask(authorization, query), Date.now() + 1_000), proof);
  });
}

test('tokens stand in a text separated by white space or commas', () => {
  assert.deepEqual(tokensIn(' a, b\n\tc,,d\r\n'), ['a', 'b', 'c', 'd']);
  assert.deepEqual(tokensIn(' ,\n'), []);
});

test('a file of tokens is read again when it changed, and the last good ones outlive a bad one', async () => {
  const file = join(dir, 'tokens');
  const write = (text: string): void => {
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  };
  write('old');
  const tokens = tokensFile(file, ['old']);
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
