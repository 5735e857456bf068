import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadApiConfig } from '../../api/config.ts';

const STORE = {
  ...{ TABLESTORE_ENDPOINT: 'http://localhost:9001', TABLESTORE_INSTANCE: 'i' },
  ...{ TABLESTORE_ACCESSKEYID: 'id', TABLESTORE_ACCESSKEYSECRET: 'hidden' },
};

test('a missing setting has its default', () => {
  const { tablestore, ...config } = loadApiConfig(STORE);
  assert.deepEqual(config, {
    ...{ port: 8081, host: '0.0.0.0', apiTokens: [], metricsTokens: [], drainMs: 0, logLevel: 'info' },
    ...{ apiReadTokens: [], openReads: 'off', channelKeys: [], channelOrigins: [] },
    ...{ staleAfterMs: 25_200_000, issueStaleAfterMs: 86_400_000 },
  });
  assert.equal(tablestore.instance, 'i');
});

const lengths: readonly (readonly [text: string, ms: number])[] = [
  ['PT1M', 60_000],
  ['PT90M', 5_400_000],
  ['P1DT2H', 93_600_000],
  ['P30D', 2_592_000_000],
];
for (const [text, ms] of lengths)
  test(`WEATHER_STALE_AFTER and WEATHER_ISSUE_STALE_AFTER ${text} are ${ms} ms`, () => {
    const env = { ...STORE, WEATHER_STALE_AFTER: text, WEATHER_ISSUE_STALE_AFTER: text };
    const { staleAfterMs, issueStaleAfterMs } = loadApiConfig(env);
    assert.deepEqual([staleAfterMs, issueStaleAfterMs], [ms, ms]);
  });

test('tokens are separated by blanks or commas', () =>
  assert.deepEqual(loadApiConfig({ ...STORE, SLUICE_API_TOKENS: ' a, b\nc ' }).apiTokens, ['a', 'b', 'c']));

test('all wrong settings are reported together, and no secret is shown', () => {
  const env = {
    ...{ PORT: '70000', WEATHER_STALE_AFTER: '7h', SLUICE_LOG_LEVEL: 'loud', SLUICE_API_TOKENS: 'hidden' },
    ...{ TABLESTORE_ENDPOINT: 'nowhere', TABLESTORE_ACCESSKEYID: 'id', TABLESTORE_ACCESSKEYSECRET: 'hidden' },
  };
  assert.throws(
    () => loadApiConfig(env),
    ({ message }: Error) => {
      for (const part of [
        'PORT is "70000"; allowed: a whole number from 0 to 65535',
        'WEATHER_STALE_AFTER is "7h"; allowed: an ISO 8601 duration from PT1M to P30D, such as PT7H',
        'SLUICE_LOG_LEVEL is "loud"',
        'TABLESTORE_ENDPOINT is "nowhere"',
        'TABLESTORE_INSTANCE is not set',
      ])
        assert.ok(message.includes(part), `${part} in ${message}`);
      assert.ok(!message.includes('hidden'));
      return true;
    },
  );
});

for (const text of ['PT59S', 'P31D', 'PT', '-PT1H', '25200', 'P1M2'])
  for (const name of ['WEATHER_STALE_AFTER', 'WEATHER_ISSUE_STALE_AFTER'])
    test(`${name} ${text} is rejected`, () =>
      assert.throws(() => loadApiConfig({ ...STORE, [name]: text }), new RegExp(`${name} is `)));
