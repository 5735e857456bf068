import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Unavailable } from '../../../domain/errors.ts';
import { createLoadingCache } from '../../../gateway/auth/loading-cache.ts';
import { until } from '../../support/until.ts';

const options = { ttlMs: 60_000, coolDownMs: 60_000, entries: 2, parallel: 2 };

/** A loader that counts, and whose answers the test gives. */
function loader() {
  const loads: string[] = [];
  const state = { loads, fail: false };
  const load = (key: string): Promise<string> => {
    loads.push(key);
    return state.fail ? Promise.reject(new Error(`no ${key}`)) : Promise.resolve(`${key}${loads.length}`);
  };
  return { state, load };
}

test('a value is loaded once while it is good, and anew afterwards', async () => {
  const { state, load } = loader();
  const values = createLoadingCache(load, { ...options, ttlMs: 100 });
  assert.equal(await values.get('a'), 'a1');
  assert.equal(await values.get('a'), 'a1');
  await until('the value is no longer good', async () => (await values.get('a')) === 'a2');
  assert.deepEqual(state.loads, ['a', 'a']);
});

test('a failure is remembered for the cool-down, and then tried again', async () => {
  const { state, load } = loader();
  const values = createLoadingCache(load, { ...options, coolDownMs: 100 });
  state.fail = true;
  for (let again = 0; again < 10; again++) await assert.rejects(values.get('a'), /no a/);
  assert.equal(state.loads.length, 1);
  state.fail = false;
  await until('the value is there', () => values.get('a').catch(() => undefined));
  assert.equal(state.loads.length, 2);
});

test('a renewal loads at most once in a cool-down, and a failed one leaves the value as it was', async () => {
  const { state, load } = loader();
  const values = createLoadingCache(load, { ...options, coolDownMs: 100 });
  await values.get('a');
  for (let again = 0; again < 10; again++) assert.equal(await values.getFresh('a'), 'a1');
  assert.equal(state.loads.length, 1);
  state.fail = true;
  await until('a renewal fails', () =>
    values.getFresh('a').then(
      () => false,
      () => true,
    ),
  );
  for (let again = 0; again < 10; again++) await assert.rejects(values.getFresh('a'));
  assert.equal(state.loads.length, 2);
  assert.equal(await values.get('a'), 'a1');
});

test('only so many values are kept, and the one unused for longest goes', async () => {
  const { state, load } = loader();
  const values = createLoadingCache(load, options);
  for (const key of ['a', 'b', 'a', 'c', 'a']) await values.get(key);
  assert.deepEqual(state.loads, ['a', 'b', 'c']);
  await values.get('b');
  assert.deepEqual(state.loads, ['a', 'b', 'c', 'b']);
});

test('failures of many keys do not push out a good value', async () => {
  const { state, load } = loader();
  const values = createLoadingCache(load, options);
  await values.get('a');
  state.fail = true;
  for (const key of ['b', 'c', 'd', 'e']) await assert.rejects(values.get(key));
  assert.equal(await values.get('a'), 'a1');
});

test('only so many are loaded at a time, and more are refused as unavailable', async () => {
  const answers: (() => void)[] = [];
  const slow = createLoadingCache(
    (key) => new Promise<string>((resolve) => answers.push(() => resolve(key))),
    options,
  );
  const first = [slow.get('a'), slow.get('b'), slow.get('a')];
  await assert.rejects(slow.get('c'), Unavailable);
  for (const answer of answers) answer();
  assert.deepEqual(await Promise.all(first), ['a', 'b', 'a']);
  const third = slow.get('c');
  answers.at(-1)?.();
  assert.equal(await third, 'c');
});
