import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, readConfig } from '../../runtime/config.ts';
import { keptDaysSettings } from '../../runtime/kept-days.ts';

const read = (env: Readonly<Record<string, string>>) => readConfig(env, keptDaysSettings);

test('reads how long tables keep their rows', () => {
  assert.deepEqual(read({}), { weatherKeptDays: undefined, deliveriesKeptDays: undefined });
  assert.deepEqual(read({ SLUICE_WEATHER_KEPT_DAYS: 'forever', SLUICE_DELIVERIES_KEPT_DAYS: '365' }), {
    ...{ weatherKeptDays: 'forever', deliveriesKeptDays: 365 },
  });
});

test('refuses values that Tablestore cannot store', () => {
  const wrong = { SLUICE_WEATHER_KEPT_DAYS: '0', SLUICE_DELIVERIES_KEPT_DAYS: '24856' };
  const allowed = 'a number of days from 1 to 24855, or forever';
  assert.throws(
    () => read(wrong),
    (error) =>
      error instanceof ConfigError &&
      error.problems.join('\n') ===
        `SLUICE_WEATHER_KEPT_DAYS is "0"; allowed: ${allowed}\nSLUICE_DELIVERIES_KEPT_DAYS is "24856"; allowed: ${allowed}`,
  );
});
