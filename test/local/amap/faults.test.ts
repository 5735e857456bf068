import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { allPlaces } from '../../../domain/catalogue/catalogue.ts';
import { send } from '../raw-request.ts';
import { type RunningAmap, startAmap } from './running-amap.ts';

let now = Date.parse('2026-07-01T12:00:00+08:00');
let running: RunningAmap;
before(async () => {
  running = await startAmap({ clock: () => now });
});
beforeEach(async () => {
  await running.send('DELETE', '/-/faults');
  await running.send('DELETE', '/-/calls');
});
after(() => running.stop());

const set = async (settings: object) => {
  const { status, body } = await running.send('POST', '/-/faults', settings);
  assert.equal(status, 200, body.error);
};

const outcomesOf = async (city: string, times: number) => {
  const outcomes: string[] = [];
  for (let n = 0; n < times; n++) {
    const body = await running.weather({ city });
    outcomes.push(body.infocode === '10000' ? 'ok' : body.infocode);
  }
  return outcomes;
};

test('answers an error as often as its rule says, and only for the named cities', async () => {
  await set({ rules: [{ do: 'infocode', code: '10021', count: 2, adcodes: ['110000'] }] });
  assert.deepEqual(await outcomesOf('330100', 1), ['ok']);
  assert.deepEqual(await outcomesOf('110000', 3), ['10021', '10021', 'ok']);
  const { body } = await running.send('GET', '/-/faults');
  assert.deepEqual([body.rules[0].count, body.rules[0].left], [2, 0]);
});

test('an error has the text of AMap, or the text of the rule', async () => {
  await set({ rules: [{ do: 'infocode', code: '10044' }] });
  assert.deepEqual(await running.weather({ city: '110000' }), {
    ...{ status: '0', info: 'USER_DAILY_QUERY_OVER_LIMIT', infocode: '10044' },
  });
  await set({ rules: [{ do: 'infocode', code: '10050', info: 'MONTH' }] });
  assert.equal((await running.weather({ city: '110000' })).info, 'MONTH');
});

test('the same seed gives the same random errors', async () => {
  const run = async (seed: number) => {
    await set({ seed, rules: [{ do: 'infocode', code: '20003', rate: 0.5 }] });
    return outcomesOf('110000', 40);
  };
  const first = await run(7);
  assert.deepEqual(await run(7), first);
  assert.notDeepEqual(await run(8), first);
  assert.ok(first.includes('ok') && first.includes('20003'));
});

test('`bad cast` damages one of four day forecasts, and `wrong adcode` answers with another place’s forecast and code', async () => {
  await set({ rules: [{ do: 'bad cast' }] });
  const { forecasts } = await running.weather({ city: '330100' });
  assert.deepEqual(
    forecasts[0].casts.map(({ date }: { date: unknown }) => typeof date),
    ['string', 'object', 'string', 'string'],
  );
  await set({ rules: [{ do: 'wrong adcode' }] });
  for (const city of ['110000', '330100'])
    assert.notEqual((await running.weather({ city })).forecasts[0].adcode, city);
  await set({ rules: [{ do: 'empty' }] });
  assert.equal((await running.weather({ city: '330100' })).count, '0');
});

test('a delayed call is answered late and completely', async () => {
  await set({ rules: [{ do: 'delay', ms: 300, count: 1 }] });
  const begun = performance.now();
  assert.deepEqual(await outcomesOf('110000', 1), ['ok']);
  assert.ok(performance.now() - begun >= 295);
});

test('answers AMap’s error to calls above the limit per second', async () => {
  await set({ qps: 1 });
  const bodies = await Promise.all(Array.from({ length: 12 }, () => running.weather({ city: '110000' })));
  const rejected = bodies.filter(({ infocode }) => infocode === '10021');
  assert.ok(rejected.length > 0 && rejected.length < 12, `${rejected.length} calls got an error`);
  assert.equal(rejected[0].info, 'CUQPS_HAS_EXCEEDED_THE_LIMIT');
});

test('answers an error to calls above the limit per day, until midnight in Beijing', async () => {
  await set({ daily: 3 });
  assert.deepEqual(await outcomesOf('110000', 5), ['ok', 'ok', 'ok', '10003', '10003']);
  now = Date.parse('2026-07-02T00:00:00+08:00');
  assert.deepEqual(await outcomesOf('110000', 1), ['ok']);
});

test('counts calls in total, by city, second and outcome, and the most calls in any second', async () => {
  await set({ rules: [{ do: 'http', status: 502, adcodes: ['310000'] }] });
  await Promise.all(['110000', '110000', '330100', '不知'].map((city) => running.weather({ city })));
  await assert.rejects(running.weather({ city: '310000' }), /HTTP 502/);
  await running.weather({ city: '330100', key: 'x' });
  const { body } = await running.send('GET', '/-/calls');
  const { mostInASecond, ...counted } = body;
  assert.ok(mostInASecond >= 1 && mostInASecond <= 6);
  assert.deepEqual(counted, {
    total: 6,
    byOutcome: { forecast: 3, empty: 1, 'http-502': 1, 10001: 1 },
    bySecond: { [new Date(now).toISOString()]: 6 },
    byAdcode: { 110000: 2, 330100: 2, other: 1, 310000: 1 },
  });
  assert.equal((await running.send('DELETE', '/-/calls')).body.total, 0);
});

const castsOfAll = async () => {
  const casts = new Map<string, string>();
  const adcodes = allPlaces()
    .map(({ adcode }) => adcode)
    .values();
  const worker = async () => {
    for (const city of adcodes) {
      const { forecasts } = await running.weather({ city });
      for (const cast of forecasts[0].casts) casts.set(`${city} ${cast.date}`, JSON.stringify(cast));
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return casts;
};

test('a reissue changes exactly the requested share of cities, and the answer lists them', async () => {
  now = Date.parse('2026-07-02T12:00:00+08:00');
  const before = await castsOfAll();
  const { body } = await running.send('POST', '/-/faults/reissue', { share: 0.05 });
  const after = await castsOfAll();
  const changed = [...after].filter(([key, cast]) => before.get(key) !== cast).map(([key]) => key);
  const cities = [...new Set(changed.map((key) => key.slice(0, 6)))].sort();
  assert.deepEqual(cities, body.adcodes);
  assert.equal(cities.length, Math.round(allPlaces().length * 0.05));
  assert.deepEqual([body.of, body.cities, body.casts], [allPlaces().length, cities.length, changed.length]);
  assert.equal(changed.length, cities.length * 4);
});

test('each reissue changes only the named cities and days, and their report time is now', async () => {
  const seen = new Set<string>();
  for (let n = 0; n < 6; n++) {
    const { forecasts } = await running.weather({ city: '330100' });
    const [today, tomorrow, ...others] = forecasts[0].casts;
    seen.add(JSON.stringify(tomorrow));
    const reissue = { adcodes: ['330100'], days: [1] };
    const { body } = await running.send('POST', '/-/faults/reissue', reissue);
    assert.deepEqual([body.cities, body.casts, body.adcodes], [1, 1, ['330100']]);
    const [after] = (await running.weather({ city: '330100' })).forecasts;
    assert.deepEqual([after.casts[0], ...after.casts.slice(2)], [today, ...others]);
    assert.equal(after.reporttime, '2026-07-02 12:00:00');
  }
  assert.equal(seen.size, 6);
});

test('a new value of `change` applies from the next of 8, 11 and 18 o’clock on', async () => {
  const casts = async (at: string) => {
    now = Date.parse(`2026-07-03T${at}+08:00`);
    const all = await Promise.all(
      ['110000', '330100', '460100', '650100'].map((city) => running.weather({ city })),
    );
    return JSON.stringify(all.map(({ forecasts }) => forecasts[0].casts));
  };
  const first = await casts('12:00:00');
  await set({ change: 0 });
  assert.equal(await casts('12:00:00'), first);
  assert.equal(await casts('19:00:00'), first);
});

test('answers an invalid request to a control endpoint, such as /-/faults, with one sentence, and changes nothing', async () => {
  await set({ rules: [{ do: 'delay', ms: 0 }] });
  const invalidRequests: readonly (readonly [
    path: string,
    body: unknown,
    status: number,
    sentence: RegExp,
  ])[] = [
    ['/-/faults', '{', 400, /^the body is not JSON: /],
    ['/-/faults', [], 400, /^the body is a list; allowed: an object with rules, seed/],
    ['/-/faults', { rule: [] }, 400, /^rule is an unknown field; allowed: rules, seed, qps, /],
    ['/-/faults', { rules: [{}] }, 400, /^rules\[0\]\.do is missing; allowed: one of infocode, /],
    ['/-/faults', { rules: [{ do: 'burn' }] }, 400, /^rules\[0\]\.do is "burn"; allowed: one of /],
    ['/-/faults', { rules: [{ do: 'infocode' }] }, 400, /^rules\[0\]\.code is missing; allowed: /],
    ['/-/faults', { rules: [{ do: 'http' }] }, 400, /^rules\[0\]\.status is missing; allowed: /],
    ['/-/faults', { rules: [{ do: 'html', ms: 5 }] }, 400, /^rules\[0\]\.ms is an unknown field; allowed: /],
    ['/-/faults', { rules: [{ do: 'html', adcodes: '1' }] }, 400, /^rules\[0\]\.adcodes is "1"; allowed: /],
    ['/-/faults', { qps: 0 }, 400, /^qps is 0; allowed: a whole number from 1 to /],
    ['/-/faults', { change: 5 }, 400, /^change is 5; allowed: a number from 0 to 1$/],
    ['/-/faults/reissue', {}, 400, /^share is missing; allowed: a number from 0 to 1$/],
    ['/-/faults/reissue', { share: 1, adcodes: [] }, 400, /^share is not allowed together with adcodes/],
    [
      '/-/faults/reissue',
      { adcodes: ['330184'] },
      400,
      /^adcodes has "330184", which is not a valid adcode$/,
    ],
    ['/-/faults/reissue', { share: 1, days: [4] }, 400, /^days is \[4\]; allowed: a list of days/],
    ['/-/faults/nothing', {}, 404, /^POST \/-\/faults\/nothing does not exist: use GET \/-\/faults, /],
  ];
  for (const [path, body, expected, sentence] of invalidRequests) {
    const answer = await running.send('POST', path, body);
    assert.match(answer.body.error, sentence);
    assert.equal(answer.status, expected, answer.body.error);
  }
  assert.equal((await running.send('GET', '/-/faults')).body.rules.length, 1);
});

test('answers 403 to a web page that sets faults', async () => {
  const { status, body } = await running.send(
    'POST',
    '/-/faults',
    { rules: [] },
    { origin: 'http://evil.example' },
  );
  assert.equal(status, 403);
  assert.equal(body.error, 'web pages may not set faults, but the request has origin http://evil.example');
});

test('answers 403 to a page whose host name resolves to this machine', async () => {
  const { status } = await send(running.endpoint, '/-/faults', { headers: { host: 'evil.example' } });
  assert.equal(status, 403);
});
