import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type System, startSystem } from '../support/system.ts';
import { until } from '../support/until.ts';
import { zipOf } from '../support/zip-writer.ts';

/** A route that starts another run for an archive whenever a run has unpacked it. Only the hop limit ends this loop. */
const ROUTES = `
routes:
  - name: round-and-round
    match: { type: [sluice.unzip.completed] }
    workflow: unzipObject
    queue: unzip
    id: "again:{id}"
    input: { bucket: "{data.bucket}", key: "{data.key}" }
`;

let system: System;
before(async () => {
  system = await startSystem({ routes: ROUTES });
});
after(() => system.stop());

const count = async (query: string): Promise<number> => (await system.client.workflow.count(query)).count;

test('if the events of a route’s runs match the same route, this loop ends after 16 hops, and the last event is parked', async () => {
  await system.put('zip/loop.zip', zipOf([{ name: 'a', content: Buffer.from('a') }]));
  await until(
    'the last event is parked',
    async () => (await count("WorkflowType = 'parkedEvent'")) === 1,
    60_000,
  );
  assert.equal(await count("Route = 'unzip'"), 1);
  assert.equal(await count("Route = 'round-and-round' AND WorkflowType = 'unzipObject'"), 15);
  for await (const { memo } of system.client.workflow.list({ query: "WorkflowType = 'parkedEvent'" })) {
    const { reason } = (memo as { parked: { reason: string } }).parked;
    assert.match(reason, /route round-and-round: the event comes from a chain of 16 runs \(sluicehops\)/);
  }
});
