import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, Connection, type WorkflowService } from '@temporalio/client';
import { schedules } from '../../domain/schedules.ts';
import { reconcileSchedule } from '../../runtime/reconcile-schedule.ts';
import { startTemporal } from '../support/temporal-server.ts';

test('keeps a concurrent pause and its note when it updates a Schedule', async (t) => {
  const temporal = await startTemporal();
  t.after(() => temporal.stop());
  const connection = await Connection.connect({ address: temporal.address });
  t.after(() => connection.close());
  const client = new Client({ connection });
  const [spec] = schedules;
  assert.ok(spec);
  await client.schedule.create({
    scheduleId: spec.id,
    spec: { intervals: [{ every: '7h' }] },
    action: {
      type: 'startWorkflow',
      workflowType: 'refreshWeather',
      taskQueue: 'nobody',
      workflowId: spec.id,
    },
  });
  const schedule = client.schedule.getHandle(spec.id);

  const { workflowService } = connection;
  let updates = 0;
  // The operator pauses the Schedule before the first update arrives.
  const service: WorkflowService = Object.create(workflowService, {
    updateSchedule: {
      async value(request: Parameters<WorkflowService['updateSchedule']>[0]) {
        updates++;
        if (updates === 1) await schedule.pause('the provider is being changed');
        return workflowService.updateSchedule(request);
      },
    },
  });
  const slow = Object.create(connection, { workflowService: { value: service } });
  const done = await reconcileSchedule(new Client({ connection: slow }), spec);
  assert.ok(Array.isArray(done) && done.length > 0, String(done));
  const { state, spec: times } = await schedule.describe();
  assert.deepEqual([state.paused, state.note], [true, 'the provider is being changed']);
  assert.equal(times.timezone, 'Asia/Shanghai');
  assert.equal(updates, 2);
});
