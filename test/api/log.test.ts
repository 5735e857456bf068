import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { Unavailable } from '../../domain/errors.ts';
import { startApi } from './running-api.ts';

const cases: readonly (readonly [name: string, error: Error, status: number, line: RegExp | undefined])[] = [
  ['an unexpected error', new Error('a bug'), 500, /"level":50.*"message":"a bug".*"msg":"the api failed/],
  [
    'an outage of the store',
    new Unavailable('StoreUnavailable', 'no answer'),
    503,
    /"level":40.*"no answer"/,
  ],
  ['a full queue', new Unavailable('Busy', 'the queue is full'), 503, undefined],
];
for (const [name, error, status, line] of cases)
  test(`${name} is answered ${status} and ${line === undefined ? 'is not logged' : 'logged with its reason'}`, async (t) => {
    const lines: string[] = [];
    const log = pino({}, { write: (text: string) => void lines.push(text) });
    const fail = () => Promise.reject(error);
    const { get } = await startApi(t, { store: { get: fail, getMany: fail }, log });
    assert.equal((await get('/v1/cities/110000/forecast')).status, status);
    assert.equal(lines.length, line === undefined ? 0 : 1, lines.join(''));
    if (line !== undefined) assert.match(String(lines[0]), line);
  });

test('a problem that the api answers on purpose is not logged', async (t) => {
  const lines: string[] = [];
  const log = pino({}, { write: (text: string) => void lines.push(text) });
  const store = { get: async () => undefined, getMany: async () => [] } as never;
  const { get } = await startApi(t, { store, log });
  assert.equal((await get('/v1/cities/999999')).status, 404);
  assert.deepEqual(lines, []);
});
