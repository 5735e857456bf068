import assert from 'node:assert/strict';
import type { AlertSimulation } from '../../support/alert-simulation.ts';
import { simulateAlerts, statuses, story } from '../../support/alert-story.ts';
import { runCost } from '../../support/temporal-actions.ts';

const BEIJING = '110000';
const RAIN = { dayweather: '小雨' };
const CLEAR = { dayweather: '晴', nightweather: '晴' };

/** The actions of a place's whole run for day 1. */
async function actionsOfDay(simulation: AlertSimulation): Promise<number> {
  await simulation.skipTo(1, '23:00');
  return (await runCost(simulation.server.client, `alert:${BEIJING}:${simulation.day(1)}`)).actions;
}

simulateAlerts();

story('a place with one due time costs at most 8 actions a day', async (simulation, group) => {
  await simulation.forecast(BEIJING, 1, RAIN);
  await simulation.subscribe(BEIJING, group, {}, { isDown: true });
  await simulation.plan([1]);
  const actions = await actionsOfDay(simulation);
  assert.deepEqual(await statuses(simulation, group), ['sent']);
  assert.ok(actions <= 8, `${actions} actions`);
});

story('each further due time costs at most 3 actions', async (simulation, group) => {
  await simulation.forecast(BEIJING, 1, RAIN);
  for (const at of ['17:00', '18:30', '20:00'])
    await simulation.subscribe(BEIJING, group, { at }, { isDown: true });
  await simulation.plan([1]);
  const actions = await actionsOfDay(simulation);
  assert.deepEqual(await statuses(simulation, group), ['sent', 'sent', 'sent']);
  assert.ok(actions <= 8 + 2 * 3, `${actions} actions`);
});

for (const [when, times] of [
  ['before the due time', ['11:00', '14:00', '17:00', '18:00', '19:00']],
  ['after it', ['20:30', '20:40', '20:50', '21:00', '21:10']],
] as const)
  story(`each changed forecast ${when} costs 1 action`, async (simulation, group) => {
    await simulation.forecast(BEIJING, 1, CLEAR);
    await simulation.subscribe(BEIJING, group, {}, { isDown: true });
    await simulation.plan([1]);
    for (const [index, time] of times.entries()) {
      await simulation.skipTo(0, time);
      await simulation.forecast(BEIJING, 1, { ...CLEAR, daytemp: String(index) });
    }
    const actions = await actionsOfDay(simulation);
    assert.deepEqual(await statuses(simulation, group), ['skipped no_match']);
    assert.ok(actions <= 8 + times.length, `${actions} actions`);
  });
