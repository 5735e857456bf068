import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError } from '../../runtime/config.ts';
import { createLog } from '../../runtime/log.ts';
import { loadTablestoreConfig } from '../../runtime/tablestore-config.ts';
import { loadWorkerConfig } from '../../worker/config.ts';
import { createWeatherDeps } from '../../worker/weather-deps.ts';

const oss = { OSS_ENDPOINT: 'http://localhost:9000', OSS_ACCESSKEYID: 'id', OSS_ACCESSKEYSECRET: 's' };
const tablestore = {
  ...{ TABLESTORE_ENDPOINT: 'http://localhost:9001', TABLESTORE_INSTANCE: 'i' },
  ...{ TABLESTORE_ACCESSKEYID: 'id', TABLESTORE_ACCESSKEYSECRET: 's' },
};
const log = createLog('test', 'silent');

const createDeps = (environment: Readonly<Record<string, string>>, withTablestore = true) =>
  createWeatherDeps(
    loadWorkerConfig({ ...oss, ...environment }),
    withTablestore ? loadTablestoreConfig(tablestore) : undefined,
    log,
  );

const accepted: [Record<string, string>, string, object][] = [
  [{ AMAP_KEY: 'k' }, 'amap', { perSecond: 3, perDay: undefined, perMonth: 5_000 }],
  [{ WEATHER_PROVIDER: 'open-meteo' }, 'open-meteo', { perSecond: 0.2, perDay: 200, perMonth: undefined }],
  [{ WEATHER_PROVIDER: 'stand-in' }, 'stand-in', { perSecond: 100, perDay: undefined, perMonth: undefined }],
  [
    { AMAP_KEY: 'k', WEATHER_CALLS_PER_MINUTE: '1800', WEATHER_CALLS_PER_MONTH: 'unlimited' },
    'amap',
    { perSecond: 30, perDay: undefined, perMonth: Number.POSITIVE_INFINITY },
  ],
  [{ AMAP_KEY: 'k', WEATHER_CALLS_PER_DAY: '100' }, 'amap', { perSecond: 3, perDay: 100, perMonth: 5_000 }],
];

for (const [environment, provider, limits] of accepted)
  test(`${JSON.stringify(environment)} selects ${provider} with ${JSON.stringify(limits)}`, async () => {
    const weather = createDeps(environment);
    assert.ok(typeof weather !== 'string');
    assert.equal(weather.deps.provider.id, provider);
    assert.deepEqual(weather.deps.limits, limits);
    await weather.close();
  });

test('returns the reason if the weather job is not configured', () => {
  assert.equal(createDeps({}), 'neither WEATHER_PROVIDER nor AMAP_KEY is set');
  assert.equal(createDeps({ AMAP_KEY: 'k' }, false), 'TABLESTORE_ENDPOINT is not set');
});

const refused: [Record<string, string>, boolean, string[]][] = [
  [{ WEATHER_PROVIDER: 'amap' }, true, ['AMAP_KEY must be set if WEATHER_PROVIDER is amap']],
  [
    { WEATHER_PROVIDER: 'amap' },
    false,
    [
      'TABLESTORE_ENDPOINT must be set if WEATHER_PROVIDER is amap',
      'AMAP_KEY must be set if WEATHER_PROVIDER is amap',
    ],
  ],
];

for (const [environment, withTablestore, problems] of refused)
  test(`rejects ${JSON.stringify(environment)} ${withTablestore ? 'with' : 'without'} Tablestore`, () => {
    assert.throws(
      () => createDeps(environment, withTablestore),
      (error) => {
        assert.ok(error instanceof ConfigError);
        assert.deepEqual(error.problems, problems);
        return true;
      },
    );
  });

for (const [variable, value] of [
  ['WEATHER_PROVIDER', 'qweather'],
  ['WEATHER_CALLS_PER_MINUTE', '0'],
  ['WEATHER_CALLS_PER_DAY', '-1'],
  ['WEATHER_CALLS_PER_MONTH', 'many'],
] as const)
  test(`rejects ${variable}=${value} with a message that has the setting and the value`, () => {
    assert.throws(() => loadWorkerConfig({ ...oss, [variable]: value }), {
      message: new RegExp(`${variable} is "${value}"; allowed: `),
    });
  });
