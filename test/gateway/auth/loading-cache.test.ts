import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Unavailable } from '../../../domain/errors.ts';
import { createLoadingCache } from '../../../gateway/auth/loading-cache.ts';
import { until } from '../../support/until.ts';

const options = { ttlMs: 60_000, coolDownMs: 60_000, entries: 2, parallel: 2, waiting: 3 };

/** A loader that records its calls. The test sets its answers. */
function loader() {
  const loads: string[] = [];
  const state = { loads, fail: false };
  const load = (key: string): Promise<string> => {
    loads.push(key);
    return state.fail ? Promise.reject(new Error(`no ${key}`)) : Promise.resolve(`${key}${loads.length}`);
  };
  return { state, load };
}

test('loads a value once while it is valid, and again afterwards', async () => {
  const { state, load } = loader();
  const values = createLoadingCache(load, { ...options, ttlMs: 100 });
  assert.equal(await values.get('a'), 'a1');
  assert.equal(await values.get('a'), 'a1');
  await until('the value expires', async () => (await values.get('a')) === 'a2');
  assert.deepEqual(state.loads, ['a', 'a']);
});

test('a value is valid for less than ttlMs, and a failure for less than coolDownMs', async (t) => {
  let now = 1_000;
  t.mock.method(performance, 'now', () => now);
  const { state, load } = loader();
  const values = createLoadingCache(load, { ...options, ttlMs: 60, coolDownMs: 20 });
  await values.get('a');
  now += 59;
  assert.equal(await values.get('a'), 'a1');
  now += 1;
  state.fail = true;
  await assert.rejects(values.get('a'), /no a/);
  state.fail = false;
  now += 19;
  await assert.rejects(values.get('a'), /no a/);
  now += 1;
  assert.equal(await values.get('a'), 'a3');
});

test('caches a failure for the cool-down, then retries', async () => {
  const { state, load } = loader();
  const values = createLoadingCache(load, { ...options, coolDownMs: 100 });
  state.fail = true;
  for (let again = 0; again < 10; again++) await assert.rejects(values.get('a'), /no a/);
  assert.equal(state.loads.length, 1);
  state.fail = false;
  await until('the value is loaded', () => values.get('a').catch(() => undefined));
  assert.equal(state.loads.length, 2);
});

test('refreshes at most once per cool-down, and keeps the value if a refresh fails', async () => {
  const { state, load } = loader();
  const values = createLoadingCache(load, { ...options, coolDownMs: 100 });
  await values.get('a');
  for (let again = 0; again < 10; again++) assert.equal(await values.getFresh('a'), 'a1');
  assert.equal(state.loads.length, 1);
  state.fail = true;
  await until('a refresh fails', () =>
    values.getFresh('a').then(
      () => false,
      () => true,
    ),
  );
  for (let again = 0; again < 10; again++) await assert.rejects(values.getFresh('a'));
  assert.equal(state.loads.length, 2);
  assert.equal(await values.get('a'), 'a1');
});

test('drops the least recently used value if there are more values than the limit', async () => {
  const { state, load } = loader();
  const values = createLoadingCache(load, options);
  for (const key of ['a', 'b', 'a', 'c', 'a']) await values.get(key);
  assert.deepEqual(state.loads, ['a', 'b', 'c']);
  await values.get('b');
  assert.deepEqual(state.loads, ['a', 'b', 'c', 'b']);
});

test('failures of many keys do not evict a valid value', async () => {
  const { state, load } = loader();
  const values = createLoadingCache(load, options);
  await values.get('a');
  state.fail = true;
  for (const key of ['b', 'c', 'd', 'e']) await assert.rejects(values.get(key));
  assert.equal(await values.get('a'), 'a1');
});

test('while the maximum number of loads is in progress, rejects other keys as unavailable', async () => {
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

test('rejects callers at once if too many already wait, and accepts callers again after the load', async () => {
  const loads: ((value: string) => void)[] = [];
  const values = createLoadingCache<string>(() => new Promise((resolve) => loads.push(resolve)), options);
  const waiting = ['a', 'a', 'b'].map((key) => values.get(key));
  for (const key of ['a', 'b', 'c'])
    await assert.rejects(
      values.get(key),
      (error) => error instanceof Unavailable && error.type === 'TooManyLoads',
    );
  for (const load of loads) load('value');
  assert.deepEqual(await Promise.all(waiting), ['value', 'value', 'value']);
  const next = values.get('c');
  loads.at(-1)?.('later');
  assert.equal(await next, 'later');
});
