import assert from 'node:assert/strict';
import { channelsTable, deliveriesTable } from '../../../ports/alert-tables.ts';
import type { AlertSimulation } from '../../support/alert-simulation.ts';
import { simulateAlerts, statuses, story, titles } from '../../support/alert-story.ts';

const BEIJING = '110000';
const RAIN = { dayweather: '小雨' };

simulateAlerts();

/** Puts rows into the ledger that are due now, and wakes their sender. */
async function dueTexts(simulation: AlertSimulation, channelId: string, count: number): Promise<void> {
  const now = await simulation.server.now();
  const until = BigInt(now + 3 * 3_600_000);
  for (let number = 0; number < count; number++) {
    const content = { kind: 'text', title: `message ${number}`, markdown: `text ${number}` };
    const times = { dueat: BigInt(now), createdat: BigInt(now), changedat: BigInt(now), until };
    await simulation.store.put(
      deliveriesTable,
      { channelId, deliveryId: `${simulation.day(0)}.test.${String(number).padStart(3, '0')}` },
      { ...times, status: 'due', date: simulation.day(0), content: JSON.stringify(content) },
    );
  }
  await simulation.deps.runs.wakeSender(channelId, now, AbortSignal.timeout(10_000));
}

/** The largest number of attempts in any minute. */
function mostInAMinute(attempts: readonly { readonly at: number }[]): number {
  return Math.max(
    ...attempts.map(({ at }) => attempts.filter((other) => other.at > at - 60_000 && other.at <= at).length),
  );
}

story(
  '45 messages for one robot all arrive once, at most 18 a minute, and the robot never refuses',
  async (simulation, group) => {
    simulation.useSimulatedTime({ rules: [], robots: { [group]: {} } });
    await dueTexts(simulation, group, 45);
    await simulation.skipTo(0, '08:50');
    assert.deepEqual(new Set(await statuses(simulation, group)), new Set(['sent']));
    assert.equal(new Set(await titles(simulation)).size, 45);
    assert.equal((await simulation.received()).length, 45);
    const mine = simulation.attempts.filter(({ channelId }) => channelId === group);
    assert.equal(mine.length, 45);
    assert.equal(mostInAMinute(mine), 18);
  },
);

story('channels of one robot share its limit, and all messages arrive once', async (simulation, group) => {
  const other = `${group}-b`;
  simulation.useSimulatedTime({ rules: [], robots: { [group]: {} } });
  await simulation.channel(other, { robot: group });
  await dueTexts(simulation, group, 20);
  await dueTexts(simulation, other, 20);
  await simulation.skipTo(0, '08:50');
  for (const channelId of [group, other])
    assert.deepEqual(await statuses(simulation, channelId), Array(20).fill('sent'));
  assert.equal((await simulation.received()).length, 40);
  const both = simulation.attempts.filter(({ channelId }) => channelId === group || channelId === other);
  assert.equal(both.length, 40);
  assert.equal(mostInAMinute(both), 18);
});

story('a limit error blocks all channels of the robot', async (simulation, group) => {
  const other = `${group}-b`;
  await simulation.channel(other, { robot: group });
  const body = JSON.stringify({ errcode: 130101, errmsg: 'send too fast, exceed 20 times per minute' });
  await simulation.channelFaults({ rules: [{ do: 'answer', status: 200, body, to: group, count: 1 }] });
  await dueTexts(simulation, group, 1);
  await simulation.skipTo(0, '08:41');
  await dueTexts(simulation, other, 1);
  await simulation.skipTo(0, '08:45');
  assert.deepEqual(await simulation.received(), []);
  const row = await simulation.store.get(channelsTable, { channelId: group });
  assert.ok(Number(row?.columns.blockeduntil) > (await simulation.server.now()), 'people see the block');
  await simulation.skipTo(0, '08:55');
  assert.deepEqual(
    [await statuses(simulation, group), await statuses(simulation, other)],
    [['sent'], ['sent']],
  );
});

story(
  'after the limit error of a robot, the next attempt is ten minutes later; another robot does not wait',
  async (simulation, group) => {
    await simulation.channel(`${group}-b`);
    const body = JSON.stringify({ errcode: 130101, errmsg: 'send too fast, exceed 20 times per minute' });
    await simulation.channelFaults({ rules: [{ do: 'answer', status: 200, body, to: group, count: 1 }] });
    await dueTexts(simulation, group, 1);
    await dueTexts(simulation, `${group}-b`, 1);
    await simulation.skipTo(0, '08:45');
    assert.deepEqual(
      (await simulation.received()).map(({ to }) => to),
      [`${group}-b`],
    );
    const [row] = await simulation.ledger(group);
    assert.deepEqual([row?.status, row?.code], ['claimed', '130101']);
    await simulation.skipTo(0, '08:55');
    assert.deepEqual(await statuses(simulation, group), ['sent']);
    const [first, second] = simulation.attempts.filter(({ channelId }) => channelId === group);
    assert.ok(Number(second?.at) - Number(first?.at) >= 600_000);
  },
);

for (const [what, body, code] of [
  ['an unknown token', '{"errcode":300005,"errmsg":"token is not exist"}', '300005'],
  ['a missing keyword', '{"errcode":310000,"errmsg":"keywords not in content"}', '310000'],
] as const)
  story(
    `an HTTP status 200 with ${what} is one attempt, fails, and shows the code and its meaning`,
    async (simulation, group) => {
      await simulation.channelFaults({ rules: [{ do: 'answer', status: 200, body, to: group }] });
      await dueTexts(simulation, group, 1);
      await simulation.skipTo(0, '09:40');
      const [row] = await simulation.ledger(group);
      assert.deepEqual([row?.status, row?.code, row?.tries], ['failed', code, 1n]);
      assert.match(row?.meaning ?? '', /"zh":".+","en":".+"/);
      assert.equal(simulation.attempts.length, 1);
    },
  );

for (const [what, body] of [
  ['an empty object', '{}'],
  ['an empty body', ''],
  ['a page of HTML', '<html><body>OK</body></html>'],
] as const)
  story(`an HTTP status 200 with ${what} is never "sent"`, async (simulation, group) => {
    await simulation.channelFaults({ rules: [{ do: 'answer', status: 200, body, to: group }] });
    await dueTexts(simulation, group, 1);
    await simulation.skipTo(0, '12:10');
    const [row] = await simulation.ledger(group);
    assert.notEqual(row?.status, 'sent');
    assert.ok(['failed', 'unknown'].includes(row?.status ?? ''), row?.status);
    assert.ok(simulation.attempts.length <= 3);
  });

story(
  'a message without an answer is sent once more, and the row says that it may have arrived twice',
  async (simulation, group) => {
    await simulation.channelFaults({ rules: [{ do: 'accept and reset', to: group, count: 1 }] });
    await dueTexts(simulation, group, 1);
    await simulation.skipTo(0, '09:40');
    const [row] = await simulation.ledger(group);
    assert.deepEqual([row?.status, row?.maybeduplicate, row?.tries], ['sent', true, 2n]);
    assert.equal((await simulation.received()).length, 2);
  },
);

story(
  'a message that twice has no answer is unknown, and is not sent a third time',
  async (simulation, group) => {
    await simulation.channelFaults({ rules: [{ do: 'accept and reset', to: group }] });
    await dueTexts(simulation, group, 1);
    await simulation.skipTo(0, '12:10');
    const [row] = await simulation.ledger(group);
    assert.deepEqual([row?.status, row?.tries], ['unknown', 2n]);
    assert.equal((await simulation.received()).length, 2);
  },
);

story(
  'a robot that cannot be reached gets its message when it is back, within the late window',
  async (simulation, group) => {
    await simulation.channelFaults({
      rules: [{ do: 'answer', status: 200, body: '{"errcode":-1,"errmsg":"系统繁忙"}', to: group, count: 5 }],
    });
    await dueTexts(simulation, group, 1);
    await simulation.skipTo(0, '09:40');
    const [row] = await simulation.ledger(group);
    assert.deepEqual([row?.status, row?.tries, row?.maybeduplicate], ['sent', 6n, undefined]);
  },
);

story('a robot that stays busy past the late window leaves the row expired', async (simulation, group) => {
  await simulation.channelFaults({
    rules: [{ do: 'answer', status: 200, body: '{"errcode":-1,"errmsg":"系统繁忙"}', to: group }],
  });
  await dueTexts(simulation, group, 1);
  await simulation.skipTo(0, '12:40');
  const [row] = await simulation.ledger(group);
  assert.deepEqual([row?.status, row?.code], ['expired', '-1']);
});

story(
  'a subscription that gets another channel after its message gets no second message',
  async (simulation, group) => {
    await simulation.channel(`${group}-b`);
    const id = await simulation.subscribe(BEIJING, group);
    await simulation.skipTo(0, '18:40');
    await simulation.forecast(BEIJING, 1, RAIN);
    await simulation.skipTo(0, '20:05');
    const now = BigInt(await simulation.server.now());
    await simulation.change(id, { channelid: `${group}-b`, movedat: now });
    await simulation.skipTo(1, '10:00');
    assert.deepEqual(
      (await simulation.received()).map(({ to }) => to),
      [group],
    );
  },
);

story('muting, pausing and other days are reasons in the ledger', async (simulation, group) => {
  await simulation.forecast(BEIJING, 1, RAIN);
  const until = BigInt(simulation.at(0, '23:00'));
  await simulation.subscribe(BEIJING, group, { at: '20:01' }, { columns: { muteduntil: until } });
  await simulation.subscribe(BEIJING, group, { at: '20:02' }, { columns: { paused: true } });
  const tomorrow = new Date(`${simulation.day(1)}T00:00:00Z`).getUTCDay() || 7;
  const otherDay = ((tomorrow % 7) + 1) as 1;
  await simulation.subscribe(BEIJING, group, { at: '20:03', days: [otherDay] });
  await simulation.skipTo(0, '20:10');
  assert.deepEqual((await statuses(simulation, group)).sort(), [
    'skipped muted',
    'skipped not_a_day',
    'skipped paused',
  ]);
  assert.deepEqual(await titles(simulation), []);
});

story(
  'a subscription of the replaced service gets its text, as a message of its own',
  async (simulation, group) => {
    const condition = { v: 1, textContains: '雨', when: 'day' } as const;
    await simulation.forecast(BEIJING, 1, RAIN);
    const date = simulation.day(1);
    await simulation.subscribe(BEIJING, group, { condition, date, correction: false, text: 'original' });
    await simulation.subscribe(BEIJING, group, { at: '20:00' });
    await simulation.skipTo(0, '20:05');
    const texts = (await simulation.received()).map(({ text }) => text);
    assert.equal(texts.length, 2);
    assert.ok(texts.includes(`城市: 北京市 >> 日期：${date} >> 有: 小雨, 出门请注意带伞`), texts.join());
  },
);
