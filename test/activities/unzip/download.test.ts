import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { defaultPartLimits } from '../../../domain/unzip/limits.ts';
import { until } from '../../support/until.ts';
import { plannedParts } from './part-fixture.ts';

/** A stored entry of 70,000 bytes has these bytes with its local header, whose name has one byte. */
const PART_BYTES = 30 + 1 + 70_000;

test('the heartbeat of a download names the bytes of this part only, also if other parts are in front of it', async (t) => {
  const entries = ['a', 'b'].map((name) => ({ name, content: Buffer.alloc(70_000, name), method: 0 }));
  const partLimits = { ...defaultPartLimits, entries: 1 };
  const { shared, store, tasks } = await plannedParts(t, entries, { partLimits });
  const read = store.read.bind(store);
  let continueReading = (): void => {};
  const held = new Promise<void>((resolve) => {
    continueReading = resolve;
  });
  let isHeld = false;
  // The data of the part comes in pieces of 65,536 bytes. The second piece waits.
  store.read = async function* (...args) {
    let pieces = 0;
    for await (const piece of read(...args)) {
      if (++pieces === 2) {
        isHeld = true;
        await held;
      }
      yield piece;
    }
  };
  t.mock.timers.enable({ apis: ['setInterval', 'Date'] });
  const environment = new MockActivityEnvironment(undefined, {
    logger: new DefaultLogger('ERROR', () => {}),
  });
  const heartbeats: unknown[] = [];
  environment.on('heartbeat', (details: object) => heartbeats.push({ ...details }));
  const download = environment.run(shared.download as (task: unknown) => Promise<unknown>, tasks[1]);
  await until('the second piece waits', () => isHeld);
  for (let tick = 0; tick < 3; tick++) t.mock.timers.tick(2_000);
  assert.deepEqual(heartbeats, [{ read: 65_536, of: PART_BYTES }]);
  continueReading();
  assert.deepEqual(await download, { queue: 'scratch-queue' });
});
