import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { OtsError } from '../../../ots/errors.ts';
import { until } from '../../support/until.ts';
import { openChannel, rawRecord, ScriptedTunnel } from './scripted-tunnel.ts';

const accept = async (): Promise<void> => {};

/** Runs a client until the test ends, or until `stop` is called. */
function runClient(t: TestContext, tunnel: ScriptedTunnel, ...parts: Parameters<ScriptedTunnel['client']>) {
  const stopping = new AbortController();
  const running = tunnel.client(...parts).run(stopping.signal);
  const stop = (): Promise<void> => {
    stopping.abort();
    return running;
  };
  t.after(stop);
  return { stop };
}

test('while a channel is read many times, no heartbeat is sent before its interval ends', async (t) => {
  const tunnel = new ScriptedTunnel();
  runClient(t, tunnel, accept);
  await until('the channel was read often', () => tunnel.count('/tunnel/readrecords') >= 20);
  assert.equal(tunnel.heartbeats.length, 1);
});

test('heartbeats follow each other in their interval', async (t) => {
  const tunnel = new ScriptedTunnel();
  const began = performance.now();
  runClient(t, tunnel, accept, { heartbeatMs: 100 });
  await until('four heartbeats were sent', () => tunnel.heartbeats.length >= 4);
  // A timer may end 1 ms early.
  assert.ok(performance.now() - began >= 3 * 99, `${performance.now() - began} ms`);
});

test('a page without records is not processed', async (t) => {
  const tunnel = new ScriptedTunnel();
  tunnel.records = (read) => (read === 3 ? [rawRecord] : []);
  const batches: number[] = [];
  const { stop } = runClient(t, tunnel, async ({ records }) => void batches.push(records.length));
  await until('later pages were read', () => tunnel.count('/tunnel/readrecords') >= 6);
  await stop();
  assert.deepEqual(batches, [1]);
});

test('a channel that was taken away and assigned again is read again', async (t) => {
  const tunnel = new ScriptedTunnel();
  tunnel.channels = (heartbeat) => (heartbeat === 2 ? [] : [openChannel]);
  const reads = { opened: 0 };
  const observer = { opened: () => void reads.opened++ };
  runClient(t, tunnel, accept, { heartbeatMs: 5, observer });
  const givenBack = () => tunnel.heartbeats.flat().some(({ status }) => status !== 'OPEN');
  await until('the channel was opened again or given back', () => reads.opened === 2 || givenBack());
  assert.deepEqual([reads.opened, givenBack()], [2, false]);
});

test('if a batch fails, the client ends only when the service has answered its shutdown', async () => {
  const tunnel = new ScriptedTunnel();
  tunnel.records = () => [rawRecord];
  const client = tunnel.client(() => Promise.reject(new Error('cannot process')));
  const { signal } = new AbortController();
  await assert.rejects(client.run(signal), { name: 'ProcessingFailed', message: 'cannot process' });
  assert.equal(tunnel.requests.at(-1), '/tunnel/shutdown!');
});

for (const [name, error, expected] of [
  ['is stored is reported after that', undefined, ['/tunnel/checkpoint!']],
  ['is not stored is not reported', new OtsError('OTSResourceGone', 'gone', { status: 410 }), []],
] as const)
  test(`a checkpoint that ${name}`, async (t) => {
    const tunnel = new ScriptedTunnel();
    tunnel.records = (read) => (read === 1 ? [rawRecord] : []);
    tunnel.beforeCheckpoint = () => {
      if (error !== undefined) throw error;
    };
    const reported: unknown[] = [];
    let failed = false;
    const observer = {
      checkpoint: () => void reported.push(tunnel.requests.findLast((path) => path.includes('/checkpoint'))),
      channelFailed: () => {
        failed = true;
      },
    };
    runClient(t, tunnel, accept, { observer });
    await until('the checkpoint was stored or not', () => failed || reported.length > 0);
    assert.deepEqual(reported, expected);
  });
