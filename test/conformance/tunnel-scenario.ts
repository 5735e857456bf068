import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { until } from '../support/until.ts';
import { INSTANCE, startTunnelCloud } from './tunnel-cloud.ts';
import type { ConsumerLine, RunningConsumer, TunnelConsumer } from './tunnel-consumer.ts';
import { evaluateConsumers } from './tunnel-verdict.ts';
import { TunnelWriter } from './tunnel-writer.ts';

const TUNNEL = 'changes';
const ROWS = 120;
const HEARTBEAT_MS = 400;
const TIMEOUT_MS = 2_000;
const WAIT_MS = 30_000;

/**
 * Fills a table, changes it continuously, and consumes it: base data, then changes. Adds a second client, injects every
 * kind of fault, splits a partition, stops one client and kills another. At the end, every row and change must
 * have been delivered, the changes of a row in order. Only the last batch before a move may be delivered twice.
 */
export async function runTunnelScenario(t: TestContext, consumer: TunnelConsumer): Promise<void> {
  const cloud = await startTunnelCloud();
  t.after(() => cloud.stop());
  const writer = new TunnelWriter(cloud, ROWS);
  t.after(() => writer.stop());
  const lines: ConsumerLine[] = [];
  /** The delivered changes, by the id of the row. */
  const delivered = new Map<string, Set<string>>();
  const running: RunningConsumer[] = [];
  t.after(() => Promise.all(running.map((one) => one.kill())));

  await writer.fill();
  const tunnelId = await cloud.createTunnel('BaseAndStream', TUNNEL);
  await writer.touch();

  const recordLine = (line: ConsumerLine): void => {
    lines.push(line);
    if (line.type !== 'record' || line.sequence === undefined) return;
    const id = line.key[0]?.value ?? '';
    delivered.set(id, (delivered.get(id) ?? new Set()).add(line.sequence));
  };
  const start = async (name: string): Promise<RunningConsumer> => {
    const target = { endpoint: cloud.endpoint, instance: INSTANCE, tunnelId, name };
    const times = { heartbeatMs: HEARTBEAT_MS, timeoutMs: TIMEOUT_MS };
    const one = await consumer.start({ ...target, ...times, onLine: recordLine });
    running.push(one);
    return one;
  };
  const waitForAllChanges = async (): Promise<void> => {
    const written = new Map([...writer.changes].map(([id, { length }]) => [id, length]));
    const behind = (): string[] =>
      [...written].filter(([id, count]) => (delivered.get(id)?.size ?? 0) < count).map(([id]) => id);
    await until('all changes are delivered', () => behind().length === 0, WAIT_MS).catch((error: Error) => {
      throw new Error(`${error.message}, except those of ${behind()}`);
    });
  };
  const openings = (client: string): number =>
    lines.filter((line) => line.type === 'opened' && line.client === client).length;
  /** Returns how many open stream channels each client has, and how many have no client. */
  const shares = async (): Promise<string> => {
    const counts = new Map<string, number>();
    for (const { channelType, channelStatus, clientId } of await cloud.channels(TUNNEL))
      if (channelType === 'Stream' && channelStatus !== 'TERMINATED')
        counts.set(
          channelStatus === 'OPEN' ? clientId : '',
          (counts.get(channelStatus === 'OPEN' ? clientId : '') ?? 0) + 1,
        );
    return [...counts]
      .map(([who, count]) => (who === '' ? `unassigned ${count}` : String(count)))
      .sort()
      .join(', ');
  };
  const waitForShares = (expected: string) =>
    until(`shares are ${expected}`, async () => (await shares()) === expected, WAIT_MS);

  const first = await start('first');
  let second: RunningConsumer | undefined;
  await t.test('base data comes first, then the changes since the creation of the tunnel', async () => {
    await waitForAllChanges();
    await waitForShares('4');
    writer.start();
  });

  await t.test('a second client takes over half of the channels', async () => {
    second = await start('second');
    await waitForShares('2, 2');
    await waitForAllChanges();
  });

  await t.test(
    'a frozen client loses its channels, and does not disturb their new owner when it resumes',
    async () => {
      second?.freeze();
      await waitForShares('4');
      await waitForAllChanges();
      second?.resume();
      await waitForShares('2, 2');
      await waitForAllChanges();
    },
  );

  const channelCalls = ['/tunnel/readrecords', '/tunnel/checkpoint', '/tunnel/getcheckpoint'];
  const faults: readonly [name: string, rule: object, hasReacted: (since: number) => boolean][] = [
    [
      'retries calls that the service answers with an error',
      {
        ...{ do: 'error', operations: [...channelCalls, '/tunnel/heartbeat'], rate: 0.5, count: 30 },
        ...{ code: 'OTSTunnelServerUnavailable', status: 503 },
      },
      () => true,
    ],
    [
      'retries calls that are lost before they are carried out',
      { do: 'lose', operations: channelCalls, rate: 0.5, count: 10 },
      () => true,
    ],
    [
      'retries calls whose answers are lost after they were carried out',
      { do: 'truncate', operations: channelCalls, rate: 0.5, count: 10 },
      () => true,
    ],
    [
      'continues with the next checkpoint after the service rejected one as out of sequence',
      {
        do: 'error',
        operations: ['/tunnel/checkpoint'],
        code: 'OTSSequenceNumberNotMatch',
        status: 400,
        count: 3,
      },
      (since) => lines.slice(since).filter(({ type }) => type === 'refused').length >= 3,
    ],
    [
      'opens a channel again after its read was answered with OTSResourceGone',
      { do: 'error', operations: ['/tunnel/readrecords'], code: 'OTSResourceGone', status: 410, count: 2 },
      (since) => lines.slice(since).filter(({ type }) => type === 'opened').length >= 2,
    ],
    [
      'connects again after its heartbeat was answered with OTSResourceGone',
      { do: 'error', operations: ['/tunnel/heartbeat'], code: 'OTSResourceGone', status: 410, count: 1 },
      (since) => lines.slice(since).filter(({ type }) => type === 'opened').length >= 2,
    ],
  ];
  for (const [name, rule, hasReacted] of faults)
    await t.test(name, async () => {
      const since = lines.length;
      await cloud.faults(rule);
      await until(
        'the fault has happened as often as set',
        async () => (await cloud.faultsLeft()) === 0,
        WAIT_MS,
      );
      await until('the consumers have reacted', () => hasReacted(since), WAIT_MS);
      await waitForShares('2, 2');
      await waitForAllChanges();
    });

  await t.test('the children of a split partition are consumed after their parent', async () => {
    await cloud.split();
    await waitForShares('2, 3');
    await waitForAllChanges();
  });

  await t.test(
    'channels of a client that leaves are taken over at once, channels of a killed client after its timeout',
    async () => {
      await first.stop();
      await waitForShares('5');
      await waitForAllChanges();
      const third = await start('third');
      await waitForShares('2, 3');
      await until('the third client reads', () => openings('third') >= 2, WAIT_MS);
      await waitForAllChanges();
      await third.kill();
      await waitForShares('5');
    },
  );

  await t.test(
    'nothing is lost, the changes of a row stay in order, and only last batches are repeated',
    async () => {
      await writer.stop();
      await waitForAllChanges();
      await Promise.all(running.map((one) => one.stop()));
      const { duplicates, moves, ...bad } = evaluateConsumers(lines, writer);
      const changes = [...writer.changes.values()].reduce((sum, { length }) => sum + length, 0);
      assert.deepEqual(bad, { wrong: [], disorder: [], excess: [] });
      assert.ok(moves > 8, `there were ${moves} moves`);
      t.diagnostic(
        `${consumer.name}: ${ROWS} rows, ${changes} changes, ${moves} moves, ${duplicates} repeated records`,
      );
    },
  );
}
