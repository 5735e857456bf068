import assert from 'node:assert/strict';
import { test } from 'node:test';
import { budgetsTable, freshnessTable, weatherTable } from '../../../ports/weather-tables.ts';
import { startWeatherFixture } from './weather-test-deps.ts';

/** Eight places in Zhejiang. */
const PLACES = ['330000', '330100', '330102', '330105', '330106', '330108', '330109', '330110'];
const ONE = '330106';
const none = { fresh: 0, empty: 0, failed: {}, skipped: 0, calls: 0, written: 0, unchanged: 0 };

test('writes every day of every place the first time, and none the second time', async (t) => {
  const { deps, refresh, rows, freshness, reissue, calls } = await startWeatherFixture(t);
  const weatherDeps = deps();
  assert.deepEqual(await refresh(weatherDeps, PLACES), {
    counts: { ...none, fresh: 8, calls: 8, written: 32 },
  });
  assert.equal(await calls(), 8);
  const [first] = await rows(ONE);
  assert.equal(first?.columns.revision, 0n);
  assert.equal(first?.columns.provider, 'stand-in');
  assert.match(first?.columns.reporttime ?? '', /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  assert.deepEqual(await refresh(weatherDeps, PLACES, 'run 2'), {
    counts: { ...none, fresh: 8, calls: 8, unchanged: 32 },
  });

  await reissue({ adcodes: [ONE], days: [1] });
  assert.deepEqual(await refresh(weatherDeps, PLACES, 'run 3'), {
    counts: { ...none, fresh: 8, calls: 8, written: 1, unchanged: 31 },
  });
  assert.deepEqual(
    (await rows(ONE)).map(({ columns }) => columns.revision),
    [0n, 1n, 0n, 0n],
  );
  const { outcome, provider, run, empties } = (await freshness(ONE)) ?? {};
  assert.deepEqual(
    { outcome, provider, run, empties },
    { outcome: 'fresh', provider: 'stand-in', run: 'run 3', empties: 0n },
  );
});

/** Throttled: a retry succeeds, and all workers slow down. */
const throttles = ['10014', '10015', '10016', '10019', '10020', '10021'];
/** Transient: retries succeed, or one place fails for good. */
const transients: object[] = [
  ...['20003', '30001', '32000', '10017'].map((code) => ({ do: 'infocode', code })),
  ...[500, 502, 504].map((status) => ({ do: 'http', status })),
  ...['html', 'half json', 'cut', 'array', 'number', 'huge', 'gzip', 'reset', 'hang'].map((kind) => ({
    do: kind,
  })),
];
const quotas = ['10003', '10044', '10029', '10045', '40000', '40002', '40003'];
const configurations = [
  ...['10001', '10002', '10005', '10006', '10007', '10008', '10009', '10010', '10011', '10012', '10013'],
  ...['10026', '10041'],
];
const places = ['20000', '20001', '20002', '20011', '20012', '20800', '20801', '20802', '20803'];

test('needs one more call after a throttled call, and halves the rate for all workers', async (t) => {
  const { deps, refresh, faults, calls } = await startWeatherFixture(t);
  for (const [index, code] of throttles.entries()) {
    const weatherDeps = deps({ limits: { perSecond: 400 } });
    const before = (await weatherDeps.budgetStore.readBudget()).perSecond;
    await faults({ do: 'infocode', code, adcodes: [ONE], count: 1 });
    const { counts, stopped } = await refresh(weatherDeps, PLACES, `run ${index}`);
    assert.deepEqual(
      { stopped, fresh: counts.fresh, calls: counts.calls },
      { stopped: undefined, fresh: 8, calls: 9 },
      code,
    );
    assert.equal(await calls(), 9, code);
    const after = (await weatherDeps.budgetStore.readBudget()).perSecond;
    assert.ok(after < before * 0.65, `${code}: ${before} to ${after}`);
    await weatherDeps.budgetStore.slowDown(0);
    for (let grants = 0; grants < 40; grants++) await weatherDeps.budgetStore.reserve(0, 0);
  }
});

test('waits until the next minute after a call with infocode 10004', async (t) => {
  const { deps, refresh, faults } = await startWeatherFixture(t);
  const weatherDeps = deps();
  await faults({ do: 'infocode', code: '10004', adcodes: [ONE], count: 1 });
  const running = refresh(weatherDeps, PLACES);
  const cancelled = assert.rejects(running);
  for (;;) {
    const { nextAtMs } = await weatherDeps.budgetStore.readBudget();
    if (nextAtMs - Date.now() > 2_000 || new Date(nextAtMs).getUTCSeconds() < 3) {
      assert.ok(nextAtMs >= Math.floor(Date.now() / 60_000) * 60_000);
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  running.cancel();
  await cancelled;
});

test('needs one more call after a transient failure, and marks a place as failed after three transient failures', async (t) => {
  const { deps, refresh, faults, calls, freshness } = await startWeatherFixture(t);
  const lasting = transients.slice(0, 2);
  for (const [index, fault] of transients.entries()) {
    await faults({ ...fault, adcodes: [ONE], count: 1 });
    const { counts, stopped } = await refresh(deps(), PLACES, `run ${index}`);
    assert.deepEqual(
      { stopped, fresh: counts.fresh, failed: counts.failed, calls: counts.calls, made: await calls() },
      { stopped: undefined, fresh: 8, failed: {}, calls: 9, made: 9 },
      JSON.stringify(fault),
    );
  }
  for (const fault of lasting) {
    await faults({ ...fault, adcodes: [ONE] });
    const { counts } = await refresh(deps(), PLACES, 'lasting');
    assert.deepEqual(
      { fresh: counts.fresh, failed: counts.failed, made: await calls() },
      { fresh: 7, failed: { transient: 1 }, made: 10 },
    );
    const { outcome, succeeded = '', checked = '' } = (await freshness(ONE)) ?? {};
    assert.equal(outcome, 'transient');
    assert.ok(succeeded < checked, 'the time of the last success stays');
  }
});

for (const [kind, codes] of [
  ['quota', quotas],
  ['configuration', configurations],
] as const)
  test(`a failure of the class ${kind} stops the run after one call, with the reason`, async (t) => {
    const { deps, refresh, faults, calls, plan, store } = await startWeatherFixture(t);
    for (const code of codes) {
      await faults({ do: 'infocode', code });
      const weatherDeps = deps();
      const both = await Promise.all([
        refresh(weatherDeps, PLACES, code),
        refresh(weatherDeps, ['110000', '120000'], code),
      ]);
      for (const { counts, stopped } of both) {
        assert.equal(stopped?.class, kind, code);
        assert.equal(stopped?.code, code);
        assert.equal(counts.fresh, 0);
      }
      assert.equal(await calls(), 1, code);
      const { batches, note } = await plan(weatherDeps);
      if (kind === 'quota') {
        assert.deepEqual(batches, [], code);
        assert.match(note, new RegExp(`^stand-in accepts no calls before .*: ${code}: `));
        await store.delete(budgetsTable, {
          provider: 'stand-in',
        });
      } else assert.ok(batches.length > 30, 'the next slot tries again, because a person may have fixed it');
    }
  });

test('makes no more calls after a rejection in the middle of a run', async (t) => {
  const { deps, refresh, faults, calls } = await startWeatherFixture(t, { perSecond: 20 });
  await faults({ do: 'infocode', code: '10001', adcodes: ['330105'] });
  const { counts, stopped } = await refresh(deps(), PLACES);
  assert.equal(stopped?.class, 'configuration');
  // The rejected call, the three calls before it, and at most one other call in flight.
  assert.ok((await calls()) <= 5);
  assert.ok(counts.fresh >= 3);
});

test('if the key is wrong, makes only one call, which is rejected', async (t) => {
  const { deps, refresh, calls } = await startWeatherFixture(t);
  const { stopped } = await refresh(deps({ key: 'wrong-key-of-mine' }), PLACES);
  assert.deepEqual([stopped?.class, stopped?.code], ['configuration', '10001']);
  assert.doesNotMatch(JSON.stringify(stopped), /wrong-key-of-mine/);
  assert.equal(await calls(), 1);
});

test('if the provider rejects a place, only this place fails, and no other call is made for it', async (t) => {
  const { deps, refresh, faults, calls, freshness } = await startWeatherFixture(t);
  for (const [index, code] of places.entries()) {
    await faults({ do: 'infocode', code, adcodes: [ONE] });
    const { counts, stopped } = await refresh(deps(), PLACES, `run ${index}`);
    assert.deepEqual(
      { stopped, fresh: counts.fresh, failed: counts.failed, made: await calls() },
      { stopped: undefined, fresh: 7, failed: { place: 1 }, made: 8 },
      code,
    );
    const { outcome, code: noted } = (await freshness(ONE)) ?? {};
    assert.deepEqual([outcome, noted], ['place', code]);
  }
});

test('does not store the forecast of another place', async (t) => {
  const { deps, refresh, faults, rows } = await startWeatherFixture(t);
  await faults({ do: 'wrong adcode', adcodes: [ONE] });
  const { counts } = await refresh(deps(), PLACES);
  assert.deepEqual({ fresh: counts.fresh, failed: counts.failed }, { fresh: 7, failed: { place: 1 } });
  assert.deepEqual(await rows(ONE), []);
});

test('marks a place as unsupported after three runs without a forecast', async (t) => {
  const { deps, refresh, faults, freshness } = await startWeatherFixture(t);
  await faults({ do: 'empty', adcodes: [ONE] });
  const outcomes: (string | undefined)[] = [];
  for (const run of ['1', '2', '2', '3']) {
    const { counts } = await refresh(deps(), PLACES, run);
    assert.deepEqual({ fresh: counts.fresh, empty: counts.empty }, { fresh: 7, empty: 1 });
    outcomes.push((await freshness(ONE))?.outcome);
  }
  assert.deepEqual(outcomes, ['empty', 'empty', 'empty', 'unsupported']);
});

test('ignores missing forecasts of another provider', async (t) => {
  const { deps, refresh, faults, freshness, store } = await startWeatherFixture(t);
  await faults({ do: 'empty', adcodes: [ONE] });
  const before = { outcome: 'unsupported', provider: 'open-meteo', run: 'run 0', empties: 5n };
  await store.put(freshnessTable, { adcode: ONE }, before);
  await refresh(deps(), PLACES);
  const { outcome, provider, empties } = (await freshness(ONE)) ?? {};
  assert.deepEqual({ outcome, provider, empties }, { outcome: 'empty', provider: 'stand-in', empties: 1n });
});

test('skips places if the budget has no call for them, and reports them', async (t) => {
  const { deps, refresh, calls } = await startWeatherFixture(t);
  const weatherDeps = deps({ limits: { perSecond: 500, perDay: 5 } });
  const { counts } = await refresh(weatherDeps, PLACES);
  assert.deepEqual(counts, { ...none, fresh: 5, skipped: 3, calls: 5, written: 20 });
  assert.equal(await calls(), 5);
  assert.deepEqual((await refresh(weatherDeps, PLACES, 'again')).counts, { ...none, skipped: 8 });
  assert.equal(await calls(), 0);
});

test('uses only spare calls for retries, never the call of a first attempt', async (t) => {
  const { deps, refresh, faults, calls, freshness } = await startWeatherFixture(t);
  const last = PLACES.at(-1) ?? '';
  for (const [spareCalls, fresh, made] of [
    [0, 7, 8],
    [1, 8, 9],
    [5, 8, 9],
  ] as const) {
    await faults({ do: 'http', status: 500, adcodes: [PLACES[0]], count: 1 });
    const { counts } = await refresh(deps(), PLACES, `${spareCalls} spare`, { spareCalls });
    assert.deepEqual(
      { fresh: counts.fresh, failed: counts.failed, calls: counts.calls, made: await calls() },
      { fresh, failed: fresh === 8 ? {} : { transient: 1 }, calls: made, made },
      `${spareCalls} spare`,
    );
    assert.equal((await freshness(last))?.run, `${spareCalls} spare`);
  }
});

test('never exceeds the calls of a batch, even if the provider keeps failing', async (t) => {
  const { deps, refresh, faults, calls } = await startWeatherFixture(t);
  await faults({ do: 'http', status: 500 });
  for (const [spareCalls, made] of [
    [0, 8],
    [1, 9],
  ] as const) {
    const { counts } = await refresh(deps(), PLACES, `${spareCalls} spare`, { spareCalls });
    assert.deepEqual([counts.calls, await calls()], [made, made], `${spareCalls} spare`);
    assert.deepEqual([counts.failed, counts.skipped], [{ transient: 8 }, 0]);
  }
});

test('counts calls of earlier attempts as used', async (t) => {
  const { deps, refresh, faults, calls } = await startWeatherFixture(t);
  await faults({ do: 'http', status: 500, adcodes: [PLACES[6]], count: 1 });
  const left = PLACES.slice(6).map((adcode) => ({ adcodes: [adcode], tries: 0 }));
  const details = { left, counts: { ...none, fresh: 6, calls: 8, written: 24 } };
  const { counts } = await refresh(deps(), PLACES, 'run 1', { details, spareCalls: 2 });
  assert.deepEqual(counts, { ...none, fresh: 7, failed: { transient: 1 }, calls: 10, written: 28 });
  assert.equal(await calls(), 2);
});

test('continues where the previous attempt stopped, and counts its reservations as used', async (t) => {
  const { deps, refresh, calls } = await startWeatherFixture(t);
  const weatherDeps = deps({ limits: { perSecond: 500, perDay: 100 } });
  await weatherDeps.budgetStore.reserve(25, 0);
  const left = PLACES.slice(6).map((adcode) => ({ adcodes: [adcode], tries: 0 }));
  const before = { ...none, fresh: 6, calls: 8, written: 24 };
  const { counts } = await refresh(weatherDeps, PLACES, 'run 1', {
    details: { left, counts: before },
  });
  assert.deepEqual(counts, { ...none, fresh: 8, calls: 10, written: 32 });
  assert.equal(await calls(), 2);
  assert.equal((await weatherDeps.budgetStore.readBudget()).dayCalls, 27);
});

test('overwrites a row of another program, without delaying other rows', async (t) => {
  const { deps, refresh, rows, store } = await startWeatherFixture(t);
  const [, { key } = { key: { adcode: ONE, date: '' } }] = await (async () => {
    await refresh(deps(), [ONE]);
    return rows(ONE);
  })();
  await store.put(weatherTable, key, { dayweather: '小雨' });
  const { counts } = await refresh(deps(), PLACES, 'run 2');
  assert.deepEqual({ fresh: counts.fresh, written: counts.written }, { fresh: 8, written: 29 });
  const [, overwritten] = await rows(ONE);
  assert.equal(overwritten?.columns.provider, 'stand-in');
});

test('loses a few calls, but no place, in a short outage or a burst of throttled calls', async (t) => {
  const { deps, refresh, faults, calls } = await startWeatherFixture(t);
  // Each place has three attempts.
  await faults(...PLACES.slice(1).map((adcode) => ({ do: 'reset', adcodes: [adcode], count: 2 })));
  const outage = await refresh(deps(), PLACES);
  assert.deepEqual([outage.stopped, outage.counts.fresh, outage.counts.failed], [undefined, 8, {}]);
  assert.equal(await calls(), 22);
  await faults({ do: 'http', status: 429, count: 8 });
  const burst = await refresh(deps(), PLACES, 'run 2');
  assert.deepEqual([burst.stopped, burst.counts.fresh], [undefined, 8]);
});

test('retries a stopped run with new calls', async (t) => {
  const { deps, refresh, faults, calls } = await startWeatherFixture(t);
  const weatherDeps = deps();
  await faults({ do: 'infocode', code: '10005' });
  assert.equal((await refresh(weatherDeps, PLACES, 'slot', { runId: 'a' })).stopped?.code, '10005');
  await faults();
  await calls();
  const { counts, stopped } = await refresh(weatherDeps, PLACES, 'slot', { runId: 'b' });
  assert.deepEqual([stopped, counts.fresh, await calls()], [undefined, 8, 8]);
});
