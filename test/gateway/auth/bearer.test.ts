import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bearerCredential } from '../../../gateway/auth/bearer.ts';
import { fixedTokens } from '../../../runtime/bearer-tokens.ts';

const requestOf = (authorization?: string, accessToken?: string) => ({
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
    assert.equal(await credential.check(requestOf(authorization, query), Date.now() + 1_000), proof);
  });
}
