import assert from 'node:assert/strict';
import type { DayForecast } from '../../../domain/weather/forecast.ts';
import type { AlertSimulation } from '../../support/alert-simulation.ts';
import { simulateAlerts, statuses, story, titles } from '../../support/alert-story.ts';

const BEIJING = '110000';
const SHANGHAI = '310000';
const GUANGZHOU = '440100';
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

story('example 6: three cities of a group are one message, matched first', async (simulation, group) => {
  const weather: readonly (readonly [string, Partial<DayForecast>])[] = [
    [GUANGZHOU, CLEAR],
    [BEIJING, RAIN],
    [SHANGHAI, STORM],
  ];
  for (const [adcode, values] of weather) {
    await simulation.forecast(adcode, 1, values);
    await simulation.subscribe(adcode, group, { mode: 'always' });
  }
  await simulation.subscribe(BEIJING, group, { mode: 'always', at: '20:00' });
  await simulation.skipTo(0, '20:05');
  const [message, ...others] = await simulation.received();
  assert.deepEqual(others, []);
  assert.deepEqual(message?.text.match(/上海|北京|广州/g), ['上海', '北京', '广州']);
  assert.deepEqual(await statuses(simulation, group), ['sent', 'sent', 'sent', 'sent']);
  const ids = new Set((await simulation.ledger(group)).map(({ messageid }) => messageid));
  assert.equal(ids.size, 1);
});

story('example 6: two groups get a message each', async (simulation, group) => {
  await simulation.channel(`${group}-b`);
  await simulation.forecast(BEIJING, 1, RAIN);
  await simulation.subscribe(BEIJING, group);
  await simulation.subscribe(BEIJING, `${group}-b`);
  await simulation.skipTo(0, '20:05');
  assert.deepEqual((await simulation.received()).map(({ to }) => to).sort(), [group, `${group}-b`]);
});

story(
  'example 7: a subscription that is created after the due time begins on the next day',
  async (simulation, group) => {
    await simulation.forecast(BEIJING, 1, RAIN);
    await simulation.forecast(BEIJING, 2, RAIN);
    await simulation.skipTo(0, '20:05');
    await simulation.subscribe(BEIJING, group);
    await simulation.plan([2]);
    await simulation.skipTo(1, '19:59');
    assert.deepEqual(await titles(simulation), []);
    await simulation.forecast(BEIJING, 2, { ...RAIN, daytemp: '17' });
    await simulation.skipTo(1, '20:05');
    assert.deepEqual(await titles(simulation), ['明天北京有雨，记得带伞']);
  },
);

story('example 7: a due time that is moved at 19:59 is kept, with one row', async (simulation, group) => {
  const id = await simulation.subscribe(BEIJING, group);
  await simulation.skipTo(0, '18:40');
  await simulation.forecast(BEIJING, 1, RAIN);
  await simulation.skipTo(0, '19:59');
  await simulation.changeDocument(id, { at: '21:00' });
  await simulation.skipTo(0, '20:30');
  assert.deepEqual(await titles(simulation), []);
  await simulation.skipTo(0, '21:05');
  assert.deepEqual(await statuses(simulation, group), ['sent']);
  await assertSentAt(simulation, group, simulation.at(0, '21:00'));
});

story(
  'example 7: a subscription that is deleted a second before its due time is cancelled',
  async (simulation, group) => {
    await simulation.forecast(BEIJING, 1, RAIN);
    const id = await simulation.subscribe(BEIJING, group);
    await simulation.skipToInstant(simulation.at(0, '20:00') - 1_000);
    await simulation.change(id, { deletedat: BigInt(await simulation.server.now()) });
    await simulation.skipTo(0, '20:05');
    assert.deepEqual(await statuses(simulation, group), ['skipped cancelled']);
    assert.deepEqual(await titles(simulation), []);
  },
);

story('example 8: 20:00 in Urumqi is 22:00 in Beijing', async (simulation, group) => {
  const URUMQI = '650100';
  await simulation.subscribe(URUMQI, group, { tz: 'Asia/Urumqi' });
  await simulation.skipTo(0, '18:40');
  await simulation.forecast(URUMQI, 1, RAIN);
  await simulation.skipTo(0, '21:59');
  assert.deepEqual(await titles(simulation), []);
  await simulation.skipTo(0, '22:05');
  assert.equal((await titles(simulation)).length, 1);
  await assertSentAt(simulation, group, simulation.at(0, '22:00'));
});

story(
  'example 9: a robot that no longer exists is disabled, its owner is told, and other channels get their message',
  async (simulation, group) => {
    await simulation.channel(`${group}-owner`);
    await simulation.channel(`${group}-b`);
    await simulation.channel(group, {}, { ownerchannelid: `${group}-owner` });
    const robots = { [`${group}-owner`]: {}, [`${group}-b`]: {}, [group]: { state: 'deleted' } };
    await simulation.channelFaults({ rules: [], robots });
    await simulation.forecast(BEIJING, 1, RAIN);
    await simulation.subscribe(BEIJING, group);
    await simulation.subscribe(BEIJING, `${group}-b`);
    await simulation.skipTo(0, '20:05');
    const [row] = await simulation.ledger(group);
    assert.deepEqual([row?.status, row?.code], ['failed', '300005']);
    const received = await simulation.received();
    assert.deepEqual(received.map(({ to }) => to).sort(), [`${group}-b`, `${group}-owner`]);
    assert.match(received.find(({ to }) => to === `${group}-owner`)?.text ?? '', /机器人/);
    assert.deepEqual(simulation.events.map(({ type }) => type).sort(), [
      'sluice.alert.delivered',
      'sluice.alert.failed',
    ]);
  },
);

story(
  'without a forecast for the day, the place is asked again until the late window ends, and the owner is told',
  async (simulation, group) => {
    await simulation.channel(`${group}-owner`);
    await simulation.channel(group, {}, { ownerchannelid: `${group}-owner` });
    await simulation.subscribe(BEIJING, group);
    await simulation.skipTo(1, '10:00');
    assert.deepEqual(await statuses(simulation, group), ['no_data no_data']);
    assert.deepEqual(
      (await simulation.received()).map(({ to }) => to),
      [`${group}-owner`],
    );
    // At 19:45, and from 20:00 to 22:45 every 15 minutes.
    assert.equal(simulation.refreshed.length, 13);
    assert.deepEqual(
      simulation.events.map(({ type }) => type),
      ['sluice.alert.failed'],
    );
  },
);

story(
  'a refresh that brings the forecast after the due time sends the message late',
  async (simulation, group) => {
    await simulation.subscribe(BEIJING, group);
    simulation.onRefresh(async (adcode) => {
      if ((await simulation.server.now()) > simulation.at(0, '20:20'))
        await simulation.forecast(adcode, 1, RAIN);
    });
    await simulation.skipTo(0, '21:00');
    assert.deepEqual(await statuses(simulation, group), ['sent']);
    assert.match((await simulation.received())[0]?.text ?? '', /延迟 3\d 分钟/);
  },
);
