import assert from 'node:assert/strict';
import type { AlertSimulation } from '../../support/alert-simulation.ts';
import { simulateAlerts, statuses, story, titles } from '../../support/alert-story.ts';

const BEIJING = '110000';
const CLEAR = { dayweather: '晴', nightweather: '晴' };
const RAIN = { dayweather: '小雨' };
const STORM = { dayweather: '暴雨' };

simulateAlerts();

/** Asserts that a row was sent after its time, and within the spread of channels. */
async function assertSentAt(simulation: AlertSimulation, channelId: string, due: number): Promise<void> {
  const [row] = await simulation.ledger(channelId);
  const after = Number(row?.sentat) - due;
  assert.ok(after >= 0 && after <= 92_000, `sent ${after} ms after the due time`);
}

story(
  'example 1: rain in the morning and clear weather in the evening send nothing',
  async (simulation, group) => {
    await simulation.subscribe(BEIJING, group);
    await simulation.forecast(BEIJING, 1, RAIN);
    await simulation.skipTo(0, '18:40');
    await simulation.forecast(BEIJING, 1, CLEAR);
    await simulation.skipTo(1, '10:00');
    assert.deepEqual(await statuses(simulation, group), ['skipped no_match']);
    assert.deepEqual(await titles(simulation), []);
  },
);

story(
  'example 2: rain in the evening sends one message between 20:00:00 and 20:01:30',
  async (simulation, group) => {
    await simulation.subscribe(BEIJING, group);
    await simulation.forecast(BEIJING, 1, CLEAR);
    await simulation.skipTo(0, '18:40');
    await simulation.forecast(BEIJING, 1, RAIN);
    for (let again = 0; again < 5; again++) await simulation.signalForecast(BEIJING, 1, 'redelivered');
    await simulation.skipTo(1, '10:00');
    assert.deepEqual(await statuses(simulation, group), ['sent']);
    assert.deepEqual(await titles(simulation), ['明天北京有雨，记得带伞']);
    await assertSentAt(simulation, group, simulation.at(0, '20:00'));
    assert.deepEqual(simulation.refreshed, [BEIJING]);
    assert.equal(simulation.events.filter(({ type }) => type === 'sluice.alert.delivered').length, 1);
  },
);

story(
  'example 3: a message is corrected once, and not again when the weather changes back',
  async (simulation, group) => {
    await simulation.subscribe(BEIJING, group);
    await simulation.forecast(BEIJING, 1, RAIN);
    await simulation.skipTo(0, '21:10');
    await simulation.forecast(BEIJING, 1, CLEAR);
    await simulation.skipTo(0, '21:12');
    assert.deepEqual(await titles(simulation), ['明天北京有雨，记得带伞', '明天北京天气更正']);
    assert.match((await simulation.received())[1]?.text ?? '', /原预报：小雨/);
    await simulation.skipTo(0, '21:40');
    await simulation.forecast(BEIJING, 1, RAIN);
    await simulation.skipTo(1, '10:00');
    assert.equal((await titles(simulation)).length, 2);
    assert.deepEqual(await statuses(simulation, group), ['sent', 'sent']);
  },
);

story('example 4: a storm after the due time is a new alert in the evening', async (simulation, group) => {
  await simulation.subscribe(BEIJING, group);
  await simulation.forecast(BEIJING, 1, CLEAR);
  await simulation.skipTo(0, '20:50');
  await simulation.forecast(BEIJING, 1, STORM);
  await simulation.skipTo(0, '20:52');
  assert.deepEqual(await titles(simulation), ['明天北京新增天气提醒']);
  assert.deepEqual(await statuses(simulation, group), ['skipped no_match', 'sent']);
});

story(
  'example 4: a storm that is first forecast at 22:30 is held until 06:30, and says today',
  async (simulation, group) => {
    await simulation.subscribe(BEIJING, group);
    await simulation.forecast(BEIJING, 1, CLEAR);
    await simulation.skipTo(0, '22:30');
    await simulation.forecast(BEIJING, 1, STORM);
    await simulation.skipTo(1, '06:29');
    assert.deepEqual(await titles(simulation), []);
    await simulation.skipTo(1, '06:32');
    assert.deepEqual(await titles(simulation), ['今天北京新增天气提醒']);
  },
);

story('example 4: a held alert is dropped if the storm is gone in the morning', async (simulation, group) => {
  await simulation.subscribe(BEIJING, group);
  await simulation.forecast(BEIJING, 1, CLEAR);
  await simulation.skipTo(0, '22:30');
  await simulation.forecast(BEIJING, 1, STORM);
  await simulation.skipTo(1, '05:00');
  await simulation.forecast(BEIJING, 1, CLEAR);
  await simulation.skipTo(1, '10:00');
  assert.deepEqual(await titles(simulation), []);
});

story(
  'example 5: if nothing ran until 21:30, the message is late, and says so',
  async (simulation, group) => {
    await simulation.subscribe(BEIJING, group, {}, { isDown: true });
    await simulation.skipTo(0, '18:40');
    await simulation.forecast(BEIJING, 1, RAIN);
    await simulation.skipTo(0, '21:30');
    await simulation.plan([1]);
    await simulation.skipTo(0, '21:35');
    assert.deepEqual(await statuses(simulation, group), ['sent']);
    assert.match((await simulation.received())[0]?.text ?? '', /延迟 1 小时 30 分钟|延迟 9\d 分钟/);
  },
);

story(
  'example 5: if nothing ran until 23:40, nothing is sent, and the ledger says expired',
  async (simulation, group) => {
    await simulation.subscribe(BEIJING, group, {}, { isDown: true });
    await simulation.skipTo(0, '18:40');
    await simulation.forecast(BEIJING, 1, RAIN);
    await simulation.skipTo(0, '23:40');
    await simulation.plan([1]);
    await simulation.skipTo(1, '10:00');
    assert.deepEqual(await statuses(simulation, group), ['expired late']);
    assert.deepEqual(await titles(simulation), []);
  },
);

story('example 5: if nothing ran for three days, only the next day is sent', async (simulation, group) => {
  const id = await simulation.subscribe(BEIJING, group, {}, { isDown: true });
  for (const number of [1, 2, 3]) await simulation.forecast(BEIJING, number, RAIN);
  await simulation.skipTo(3, '10:00');
  await simulation.forecast(BEIJING, 4, RAIN);
  await simulation.plan([1, 2, 3, 4]);
  await simulation.skipTo(4, '10:00');
  const rows = await simulation.ledger(group);
  assert.deepEqual(
    rows.map(({ deliveryId, status }) => [deliveryId, status]),
    [1, 2, 3, 4].map((number) => [`${simulation.day(number)}.${id}.0`, number < 4 ? 'expired' : 'sent']),
  );
  assert.equal((await titles(simulation)).length, 1);
});
