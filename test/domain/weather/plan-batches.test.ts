import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_BATCH_PLACES, type PlaceStatus, planBatches } from '../../../domain/weather/plan-batches.ts';

const place = (adcode: string, more: Partial<PlaceStatus> = {}): PlaceStatus => ({
  ...{ adcode, level: 'county', subscribed: false, checked: '', unsupported: false },
  ...more,
});

const some = [
  place('110101'),
  place('110000', { level: 'province' }),
  place('330106', { subscribed: true }),
  place('330100', { level: 'prefecture' }),
  place('710100', { subscribed: true, unsupported: true }),
  place('330102'),
];

const budgets: readonly (readonly [places: number, batches: string[][]])[] = [
  [0, []],
  [1, [['330106']]],
  [3, [['330106'], ['110000'], ['110101']]],
  [5, [['330106'], ['110000'], ['330100'], ['110101'], ['330102']]],
  [6, [['330106'], ['110000'], ['330100'], ['110101'], ['330102'], ['710100']]],
  [Number.POSITIVE_INFINITY, [['330106'], ['110000'], ['330100'], ['110101'], ['330102'], ['710100']]],
];
for (const [places, batches] of budgets)
  test(`plans at most ${places} places: ${JSON.stringify(batches)}`, () =>
    assert.deepEqual(planBatches(some, places), batches));

test('in each tier, plans unchecked places first, then the places with the oldest checks', () => {
  const known = [
    place('330102', { checked: '2026-11-22T01:00:00.000Z' }),
    place('330105', { checked: '2026-11-21T22:00:00.000Z' }),
    place('330106'),
    place('330108', { checked: '2026-11-22T00:59:59.999Z' }),
  ];
  assert.deepEqual(planBatches(known, 1).flat(), ['330106']);
  assert.deepEqual(planBatches(known, 2).flat(), ['330106', '330105']);
  assert.deepEqual(planBatches(known, 3).flat(), ['330106', '330105', '330108']);
});

test('puts neighbours into one batch, and orders batches and places by the last check', () => {
  const known = Array.from({ length: 850 }, (_, index) => {
    const hour = String((index * 7) % 24).padStart(2, '0');
    return place(String(330_100 + index), { checked: index === 830 ? '' : `2026-11-22T${hour}:00:00.000Z` });
  });
  const checked = new Map(known.map((each) => [each.adcode, each.checked]));
  const batches = planBatches(known, Number.POSITIVE_INFINITY);
  assert.deepEqual(
    batches.map((batch) => [batch.toSorted()[0], batch.length]),
    ['330900', ...[1, 2, 3, 4, 5, 6, 7, 8].map((hundred) => `330${hundred}00`)].map((first) => [
      ...[first, first === '330900' ? 50 : MAX_BATCH_PLACES],
    ]),
  );
  for (const batch of batches) {
    const times = batch.map((adcode) => checked.get(adcode));
    assert.deepEqual(times, times.toSorted());
  }
});

test('limits the size of batches, mixes no tiers in a batch, and orders unchecked places by adcode', () => {
  const counties = Array.from({ length: 750 }, (_, index) => place(String(330_999 - index)));
  const prefectures = Array.from({ length: 120 }, (_, index) =>
    place(String(440_100 + index), { level: 'prefecture' }),
  );
  const batches = planBatches([...counties, ...prefectures], Number.POSITIVE_INFINITY);
  assert.deepEqual(
    batches.map(({ length }) => length),
    [MAX_BATCH_PLACES, 20, ...Array.from({ length: 7 }, () => MAX_BATCH_PLACES), 50],
  );
  for (const batch of batches) assert.deepEqual(batch, [...batch].sort());
  assert.deepEqual(
    batches.flat().toSorted(),
    [...counties, ...prefectures].map(({ adcode }) => adcode).toSorted(),
  );
});

const sizes: readonly (readonly [known: number, places: number, placesPerCall: number, batches: number[]])[] =
  [
    [40, 20, 1, [2, 2, 2, 2, 2, 2, 2, 2, 2, 2]],
    [100, 20, 1, [2, 2, 2, 2, 2, 2, 2, 2, 2, 2]],
    [20, 100, 1, [2, 2, 2, 2, 2, 2, 2, 2, 2, 2]],
    [5, 100, 1, [1, 1, 1, 1, 1]],
    [820, 820, 1, [...Array.from({ length: 8 }, () => 100), 20]],
    [510, 1_250, 50, [...Array.from({ length: 10 }, () => 50), 10]],
    [900, 1_250, 50, Array.from({ length: 9 }, () => 100)],
    [60, 1_250, 50, [50, 10]],
  ];
for (const [known, places, placesPerCall, batches] of sizes)
  test(`plans ${batches.length} batches of ${known} known places, for at most ${places} places, with ${placesPerCall} in a call`, () => {
    const counties = Array.from({ length: known }, (_, index) => place(String(330_100 + index)));
    assert.deepEqual(
      planBatches(counties, places, placesPerCall).map(({ length }) => length),
      batches,
    );
  });

for (const places of [3, 7, 20, 60])
  test(`with ${places} places in each slot, plans subscribed places in every slot, and all others in turn`, () => {
    const known = new Map<string, PlaceStatus>();
    for (let index = 0; index < 100; index++) {
      const level = index < 40 ? 'prefecture' : 'county';
      const adcode = String(330_100 + index);
      known.set(adcode, place(adcode, { level, subscribed: index === 50 }));
    }
    const times = new Map<string, number>();
    const slots = Math.ceil(500 / (places - 1));
    for (let slot = 0; slot < slots; slot++) {
      const taken = planBatches([...known.values()], places).flat();
      assert.equal(taken.length, places);
      const checked = new Date(slot * 10_800_000).toISOString();
      for (const adcode of taken) {
        times.set(adcode, (times.get(adcode) ?? 0) + 1);
        known.set(adcode, { ...(known.get(adcode) ?? place(adcode)), checked });
      }
    }
    assert.equal(times.get('330150'), slots);
    assert.deepEqual(
      [...known.keys()].filter((adcode) => !times.has(adcode)),
      [],
    );
    // A prefecture gets its turn at least as often as a county.
    const counts = (from: number, to: number): number[] =>
      [...known.keys()]
        .slice(from, to)
        .filter((adcode) => adcode !== '330150')
        .map((adcode) => times.get(adcode) ?? 0);
    assert.ok(Math.min(...counts(0, 40)) >= Math.max(...counts(40, 100)) - 1);
  });
