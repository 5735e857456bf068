import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { until } from '../support/until.ts';
import { INSTANCE, startTunnelCloud } from './tunnel-cloud.ts';
import type { ConsumerLine, RunningConsumer, TunnelConsumer } from './tunnel-consumer.ts';
import { judge } from './tunnel-verdict.ts';
import { TunnelWriter } from './tunnel-writer.ts';

const TUNNEL = 'changes';
const ROWS = 120;
const HEARTBEAT_MS = 400;
const TIMEOUT_MS = 2_000;
const DEADLINE_MS = 30_000;

/**
 * A table is filled, changed without a pause, and consumed: base data, then changes; a second worker, faults of every
 * class, a split, a worker that leaves, one that is killed. In the end every row and change must have been given, those
 * of a row in order, and again only what was in the last batch before a move.
 */
export async function runTunnelScenario(t: TestContext, consumer: TunnelConsumer): Promise<void> {
  const cloud = await startTunnelCloud();
  t.after(() => cloud.stop());
  const writer = new TunnelWriter(cloud, ROWS);
  t.after(() => writer.stop());
  const lines: ConsumerLine[] = [];
  /** The changes that somebody was given, by the row's id. */
  const given = new Map<string, Set<string>>();
  const running: RunningConsumer[] = [];
  t.after(() => Promise.all(running.map((one) => one.kill())));

  await writer.fill();
  const tunnelId = await cloud.createTunnel('BaseAndStream', TUNNEL);
  await writer.touch();

  const hear = (line: ConsumerLine): void => {
    lines.push(line);
    if (line.type !== 'record' || line.sequence === undefined) return;
    const id = line.key[0]?.value ?? '';
    given.set(id, (given.get(id) ?? new Set()).add(line.sequence));
  };
  const start = async (name: string): Promise<RunningConsumer> => {
    const who = { endpoint: cloud.endpoint, instance: INSTANCE, tunnelId, name };
    const times = { heartbeatMs: HEARTBEAT_MS, timeoutMs: TIMEOUT_MS };
    const one = await consumer.start({ ...who, ...times, onLine: hear });
    running.push(one);
    return one;
  };
  const caughtUp = async (): Promise<void> => {
    const written = new Map([...writer.changes].map(([id, { length }]) => [id, length]));
    const behind = (): string[] =>
      [...written].filter(([id, count]) => (given.get(id)?.size ?? 0) < count).map(([id]) => id);
    await until('all changes are given', () => behind().length === 0, DEADLINE_MS).catch((error: Error) => {
      throw new Error(`${error.message}, but for those of ${behind()}`);
    });
  };
  const opened = (who?: string): number =>
    lines.filter((line) => line.type === 'opened' && (who === undefined || line.client === who)).length;
  /** How many open channels of the stream each client has, and how many nobody has. */
  const shares = async (): Promise<string> => {
    const counts = new Map<string, number>();
    for (const { channelType, channelStatus, clientId } of await cloud.channels(TUNNEL))
      if (channelType === 'Stream' && channelStatus !== 'TERMINATED')
        counts.set(
          channelStatus === 'OPEN' ? clientId : '',
          (counts.get(channelStatus === 'OPEN' ? clientId : '') ?? 0) + 1,
        );
    return [...counts]
      .map(([who, count]) => (who === '' ? `nobody ${count}` : String(count)))
      .sort()
      .join(', ');
  };
  const shared = (expected: string) =>
    until(`shares are ${expected}`, async () => (await shares()) === expected, DEADLINE_MS);

  const first = await start('first');
  let second: RunningConsumer | undefined;
  await t.test('base data comes first, then what changed since the tunnel was made', async () => {
    await caughtUp();
    await shared('4');
    writer.start();
  });

  await t.test('a second worker takes over half of the channels', async () => {
    second = await start('second');
    await shared('2, 2');
    await caughtUp();
  });

  await t.test(
    'a worker that freezes loses its channels, and does not disturb who has them when it wakes',
    async () => {
      second?.freeze();
      await shared('4');
      await caughtUp();
      second?.resume();
      await shared('2, 2');
      await caughtUp();
    },
  );

  const channelCalls = ['/tunnel/readrecords', '/tunnel/checkpoint', '/tunnel/getcheckpoint'];
  const faults: readonly [name: string, rule: object, seen: (since: number) => boolean][] = [
    [
      'calls that the service cannot answer now are made again',
      {
        ...{ do: 'error', operations: [...channelCalls, '/tunnel/heartbeat'], rate: 0.5, count: 30 },
        ...{ code: 'OTSTunnelServerUnavailable', status: 503 },
      },
      () => true,
    ],
    [
      'calls that are lost on their way are made again',
      { do: 'lose', operations: channelCalls, rate: 0.5, count: 10 },
      () => true,
    ],
    [
      'calls whose answers are lost are made again, although they were carried out',
      { do: 'truncate', operations: channelCalls, rate: 0.5, count: 10 },
      () => true,
    ],
    [
      'a checkpoint out of sequence is made up for by the next',
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
      'a channel whose read says that it is gone is opened again',
      { do: 'error', operations: ['/tunnel/readrecords'], code: 'OTSResourceGone', status: 410, count: 2 },
      (since) => lines.slice(since).filter(({ type }) => type === 'opened').length >= 2,
    ],
    [
      'a client whose heartbeat says that it is gone connects again',
      { do: 'error', operations: ['/tunnel/heartbeat'], code: 'OTSResourceGone', status: 410, count: 1 },
      (since) => lines.slice(since).filter(({ type }) => type === 'opened').length >= 2,
    ],
  ];
  for (const [name, rule, seen] of faults)
    await t.test(name, async () => {
      const since = lines.length;
      await cloud.faults(rule);
      await until('the fault is spent', async () => (await cloud.faultsLeft()) === 0, DEADLINE_MS);
      await until('the consumers have noticed', () => seen(since), DEADLINE_MS);
      await shared('2, 2');
      await caughtUp();
    });

  await t.test('a partition that is split goes on in its two halves', async () => {
    await cloud.split();
    await shared('2, 3');
    await caughtUp();
  });

  await t.test(
    'a worker that leaves is made up for at once, one that is killed after its timeout',
    async () => {
      await first.stop();
      await shared('5');
      await caughtUp();
      const third = await start('third');
      await shared('2, 3');
      await until('the third reads', () => opened('third') >= 2, DEADLINE_MS);
      await caughtUp();
      await third.kill();
      await shared('5');
    },
  );

  await t.test('nothing is lost, rows keep their order, and only last batches come again', async () => {
    await writer.stop();
    await caughtUp();
    await Promise.all(running.map((one) => one.stop()));
    const { duplicates, moves, ...bad } = judge(lines, writer);
    const changes = [...writer.changes.values()].reduce((sum, { length }) => sum + length, 0);
    assert.deepEqual(bad, { wrong: [], disorder: [], excess: [] });
    assert.ok(moves > 8, `there were ${moves} moves`);
    t.diagnostic(
      `${consumer.name}: ${ROWS} rows, ${changes} changes, ${moves} moves, ${duplicates} records twice`,
    );
  });
}
