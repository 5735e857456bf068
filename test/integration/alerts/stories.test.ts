import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { DayForecast } from '../../../domain/weather/forecast.ts';
import { type AlertSimulation, startAlertSimulation } from '../../support/alert-simulation.ts';

const BEIJING = '110000';
const SHANGHAI = '310000';
const GUANGZHOU = '440100';
const CLEAR = { dayweather: '晴', nightweather: '晴' };
const RAIN = { dayweather: '小雨' };
const STORM = { dayweather: '暴雨' };

let shared: AlertSimulation | undefined;
before(async () => {
  shared = await startAlertSimulation();
});
after(() => shared?.stop());

/** A story of some days: what happens, what the ledger says, and what people received. `group` is a channel of its own. */
function story(name: string, tell: (simulation: AlertSimulation, group: string) => Promise<void>): void {
  test(name, async (t) => {
    if (shared === undefined) {
      console.error('\n!!! JAVA OR MAVEN IS NOT AVAILABLE: THE ALERTS WERE NOT TESTED OVER DAYS !!!\n');
      return t.skip('Java or Maven is not available');
    }
    await shared.begin();
    const group = `group-${shared.day(0)}`;
    await shared.channel(group);
    await tell(shared, group);
  });
}

const statuses = async (simulation: AlertSimulation, channelId: string): Promise<string[]> =>
  (await simulation.ledger(channelId)).map(({ status, reason }) =>
    [status, reason].filter(Boolean).join(' '),
  );

const titles = async (simulation: AlertSimulation): Promise<string[]> =>
  (await simulation.received()).map(({ title }) => title);

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
