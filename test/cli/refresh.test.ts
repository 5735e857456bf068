import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { budgetsTable } from '../../ports/weather-tables.ts';
import { until } from '../support/until.ts';
import { startWeatherSystem, type WeatherSystem } from '../support/weather-system.ts';
import { prepareSluice, type Sluice } from './sluice.ts';

let system: WeatherSystem;
let sluice: Sluice;
before(async () => {
  system = await startWeatherSystem({ WEATHER_CALLS_PER_MINUTE: '30000', WEATHER_CALLS_PER_DAY: '600' });
  sluice = prepareSluice(() => ({ SLUICE_TEMPORAL_ADDRESS: system.temporal.address, ...system.tablestore }));
});
after(async () => {
  sluice?.remove();
  await system?.stop();
});

/**
 * Deletes the budget's row, so that each test can make calls. Late in the evening in Beijing, one run may use all
 * remaining calls of the day.
 */
const renewBudget = () => system.store.delete(budgetsTable, { provider: 'stand-in' });

test('before a worker has started, sluice schedules reports that the Schedule does not exist', async () => {
  const { code, stdout } = await sluice(['schedules']);
  assert.equal(code, 1);
  assert.deepEqual(stdout.split('\n'), [
    'weather-refresh  does not exist; sluice schedules --apply creates it',
    'alerts-daily  does not exist; sluice schedules --apply creates it',
    '',
  ]);
  const json = await sluice(['schedules', '--json']);
  assert.equal(json.code, 1);
  const missing = { there: false, drift: [], paused: false, note: '', next: null, last: null };
  assert.deepEqual(JSON.parse(json.stdout), [
    { schedule: 'weather-refresh', ...missing },
    { schedule: 'alerts-daily', ...missing },
  ]);
});

test('sluice refresh prints the run’s id and Temporal’s address, follows the run, and prints the run’s result', async () => {
  await system.worker('worker').start();
  const first = await until('the Schedule’s first run', async () => {
    const { info } = await system.client.schedule.getHandle('weather-refresh').describe();
    return info.recentActions[0]?.action.workflow.workflowId;
  });
  await system.result(first);
  await renewBudget();
  const { code, stdout, stderr } = await sluice(['refresh']);
  assert.equal(code, 0, stderr);
  const [head = '', second = '', third = ''] = stdout.split('\n');
  const [, workflowId = ''] =
    /^(weather-refresh-\S+Z) at (\S+), namespace default \(from SLUICE_TEMPORAL_ADDRESS\)$/.exec(head) ?? [];
  assert.match(second, new RegExp(`^completed after [^ ]+ \\S+ {2}${workflowId}$`, 'i'));
  const result = await system.result(workflowId);
  const [places, calls, written, unchanged] = [
    ...[result.places, result.calls, result.written, result.unchanged],
  ].map((count) => count.toLocaleString('en'));
  assert.match(
    third,
    new RegExp(
      `^ {2}stand-in: ${places} of ${places} places, ${calls} calls, ${written} days changed, ${unchanged} unchanged`,
    ),
  );
  assert.ok(result.places > 0 && result.fresh === result.places);
});

test('with --json only JSON is printed, and --detach does not wait', async () => {
  await renewBudget();
  const json = await sluice(['refresh', '--json']);
  assert.equal(json.code, 0, json.stderr);
  const shown = JSON.parse(json.stdout);
  assert.equal(shown.status, 'COMPLETED');
  assert.match(shown.workflowId, /^weather-refresh-/);
  const detached = await sluice(['refresh', '--detach']);
  assert.equal(detached.code, 0, detached.stderr);
  const [workflowId = ''] = /^weather-refresh-\S+Z(?= at )/.exec(detached.stdout) ?? [];
  await system.result(workflowId);
});

test('a run makes no more calls than its slot allows, also if every second call fails', async () => {
  await renewBudget();
  await system.faults({ rules: [{ do: 'http', status: 500, rate: 0.5 }] });
  const { stdout, stderr } = await sluice(['refresh', '--json']);
  await system.faults({ rules: [] });
  const { workflowId = assert.fail(stderr) } = JSON.parse(stdout) as { workflowId?: string };
  const { calls, allowance, places, fresh, failed, skipped } = await system.result(workflowId);
  assert.ok(calls <= (allowance ?? 0), `${calls} calls of ${allowance}`);
  assert.ok(skipped === 0 && fresh > 0, stdout);
  assert.equal(fresh + skipped + Object.values(failed).reduce((sum, count) => sum + count, 0), places);
});

test('if the provider rejects the key, the run ends with a sentence that does not contain the key', async () => {
  await renewBudget();
  await system.faults({ rules: [{ do: 'infocode', code: '10001' }] });
  await system.resetCallCounts();
  const { code, stdout } = await sluice(['refresh']);
  assert.match(stdout, /AMap rejected .*: 10001 INVALID_USER_KEY/);
  assert.doesNotMatch(stdout, /key=/);
  assert.equal(code, 1);
  assert.equal((await system.callCounts()).total, 1);
});

test('--reopen reopens a provider that a quota error has closed, and reports it', async () => {
  await renewBudget();
  await system.faults({ rules: [{ do: 'infocode', code: '10003' }] });
  assert.equal((await sluice(['refresh'])).code, 1);
  await system.faults({ rules: [] });
  const closed = await sluice(['refresh', '--json']);
  const { result } = JSON.parse(closed.stdout) as { result: { places: number; note: string } };
  assert.equal(result.places, 0);
  assert.match(result.note, /^stand-in accepts no calls before .*: 10003: /);

  const where = `table budgets, instance sluice-local at ${system.endpoint} (from the environment)`;
  const { code, stdout } = await sluice(['refresh', '--reopen']);
  const [first, second = ''] = stdout.split('\n');
  assert.equal(first, where);
  assert.match(second, /^reopened: stand-in, which was closed until \S+T16:00:00\.000Z \(10003: /);
  assert.match(stdout, /stand-in: (\d+) of \1 places/);
  assert.equal(code, 0);

  const json = await sluice(['refresh', '--reopen', '--json', '--detach']);
  assert.deepEqual([json.stderr, json.stdout], [`${where}\nno provider is closed\n`, '']);
});

test('--reopen without a store starts no run', async () => {
  const env = { TABLESTORE_ENDPOINT: 'http://127.0.0.1:1' };
  const { code, stderr, stdout } = await sluice(['refresh', '--reopen'], { env });
  assert.deepEqual([code, stdout.split('\n').length], [1, 2]);
  assert.match(stderr, /^sluice refresh: table budgets, instance sluice-local at http:\/\/127\.0\.0\.1:1: /);
  assert.doesNotMatch(stderr, /\n\s+at /);
});
