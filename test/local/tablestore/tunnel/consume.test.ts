import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { PlainRow } from '../../../../ots/wire/row.ts';
import { MemoryChangeLog } from './memory-change-log.ts';
import { startTunnelService } from './tunnel-fixture.ts';

const GONE = { code: 'OTSResourceGone', status: 410 } as const;

function startService(t: TestContext, ...starts: string[]) {
  const fixture = startTunnelService({ log: new MemoryChangeLog(...starts) });
  t.after(() => fixture.close());
  return fixture;
}

const ids = (rows: readonly PlainRow[]): string[] => rows.map(({ primaryKey: [key] }) => String(key?.value));

test('a Stream tunnel delivers the changes since its creation once, in order and with their kind', (t) => {
  const { log, create, connect } = startService(t);
  log.write('before');
  const client = connect(create('Stream'));
  const first = log.write('a', [{ name: 'temp', value: '7', timestamp: 5n }]);
  log.write('a', [{ name: 'temp', operation: 'delete all versions' }], 'UPDATE_ROW');
  log.write('a', [], 'DELETE_ROW');
  const [channel] = client.heartbeat();
  assert.deepEqual(channel, { channelId: 'Stream_p0', version: 1n, status: 'OPEN' });
  const page = client.read('Stream_p0', client.getCheckpoint('Stream_p0').checkpoint);
  assert.deepEqual(
    page.records.map(({ actionType }) => actionType),
    ['PUT_ROW', 'UPDATE_ROW', 'DELETE_ROW'],
  );
  assert.equal(page.mayMoreRecord, false);
  const [put, update, deleted] = client.drain('Stream_p0');
  assert.deepEqual(put, {
    primaryKey: [{ name: 'id', value: 'a' }],
    cells: [{ name: 'temp', value: '7', timestamp: 5n }],
    sequence: { epoch: 0, timestamp: first, rowIndex: 0 },
  });
  assert.deepEqual(update?.cells, [{ name: 'temp', operation: 'delete all versions' }]);
  assert.equal(deleted?.deleted, true);
  assert.deepEqual(client.drain('Stream_p0'), []);
});

test('a tunnel of base data and stream delivers all rows without a sequence, then the changes since its creation', (t) => {
  const { log, create, connect, describe } = startService(t, 'm');
  for (const id of ['a', 'b', 'n']) log.write(id);
  const client = connect(create('BaseAndStream'));
  log.write('b', [{ name: 'temp', value: 1n }], 'UPDATE_ROW');
  const assigned = client.heartbeat();
  assert.deepEqual(
    assigned.map(({ channelId }) => channelId),
    ['BaseData_p0', 'BaseData_p1'],
  );
  assert.equal(describe().tunnel.stage, 'ProcessBaseData');
  assert.throws(() => client.getCheckpoint('Stream_p0'), GONE);
  const rows = assigned.flatMap(({ channelId }) => client.drain(channelId));
  assert.deepEqual(ids(rows), ['a', 'b', 'n']);
  assert.ok(rows.every(({ sequence }) => sequence === undefined));
  const [one, other] = assigned.map((channel) => ({ ...channel, version: channel.version + 1n }));
  assert.ok(one && other);
  assert.deepEqual(client.heartbeat({ ...one, status: 'TERMINATED' }), [{ ...other, version: 1n }]);
  const opened = client.heartbeat({ ...other, status: 'TERMINATED' });
  assert.deepEqual(
    opened.map(({ channelId }) => channelId),
    ['Stream_p0', 'Stream_p1'],
  );
  assert.equal(describe().tunnel.stage, 'ProcessStream');
  assert.deepEqual(ids(client.drain('Stream_p0')), ['b']);
});

test('a second client gets channels after the first client has released them, and no record goes to both clients', (t) => {
  const { log, create, connect } = startService(t, 'm');
  const tunnel = create('Stream');
  const first = connect(tunnel);
  assert.equal(first.heartbeat().length, 2);
  const second = connect(tunnel);
  assert.deepEqual(second.heartbeat(), []);
  const kept = { channelId: 'Stream_p0', version: 1n, status: 'OPEN' } as const;
  const taken = { channelId: 'Stream_p1', version: 1n, status: 'OPEN' } as const;
  const closing = { ...taken, version: 2n, status: 'CLOSING' } as const;
  assert.deepEqual(first.heartbeat(kept, taken), [kept, closing]);
  assert.deepEqual(second.heartbeat(), []);
  log.write('z');
  assert.deepEqual(ids(first.drain('Stream_p1')), ['z'], 'the first client may finish its current records');
  assert.deepEqual(first.heartbeat(kept, { ...closing, version: 3n, status: 'CLOSE' }), [kept]);
  assert.deepEqual(second.heartbeat(), [{ ...taken, version: 4n }]);
  assert.deepEqual(second.drain('Stream_p1'), []);
  assert.throws(() => first.getCheckpoint('Stream_p1'), GONE);
  assert.throws(() => first.read('Stream_p1', 'any'), GONE);
  assert.throws(() => first.checkpoint('Stream_p1', 'any', 2n), GONE);
});

test('a client that disconnects releases its channels to the others at once', (t) => {
  const { create, connect } = startService(t, 'm');
  const tunnel = create('Stream');
  const [first, second] = [connect(tunnel), connect(tunnel)];
  first.shutdown();
  assert.equal(second.heartbeat().length, 2);
  assert.throws(() => first.heartbeat(), GONE);
  assert.throws(() => first.shutdown(), GONE);
});

test('a client that is silent for longer than its timeout is disconnected, and its late checkpoint gets an error', (t) => {
  const { log, advanceClock, create, connect } = startService(t);
  const tunnel = create('Stream');
  const frozen = connect(tunnel, 10);
  frozen.heartbeat();
  log.write('a');
  const { checkpoint, sequenceNumber } = frozen.getCheckpoint('Stream_p0');
  const { nextToken } = frozen.read('Stream_p0', checkpoint);
  advanceClock(10_000);
  frozen.heartbeat({ channelId: 'Stream_p0', version: 1n, status: 'OPEN' });
  advanceClock(10_001);
  assert.throws(() => frozen.checkpoint('Stream_p0', nextToken, sequenceNumber + 1n), GONE);
  const other = connect(tunnel);
  assert.equal(other.heartbeat()[0]?.version, 2n);
  assert.deepEqual(other.getCheckpoint('Stream_p0'), { checkpoint, sequenceNumber });
  assert.deepEqual(ids(other.drain('Stream_p0')), ['a']);
  assert.throws(() => frozen.heartbeat(), GONE);
});

test('heartbeats keep a client connected, but reading alone does not', (t) => {
  const { advanceClock, create, connect } = startService(t);
  const client = connect(create('Stream'), 10);
  client.heartbeat();
  const { checkpoint } = client.getCheckpoint('Stream_p0');
  advanceClock(6_000);
  client.heartbeat({ channelId: 'Stream_p0', version: 1n, status: 'OPEN' });
  advanceClock(6_000);
  client.read('Stream_p0', checkpoint);
  advanceClock(6_000);
  assert.throws(() => client.read('Stream_p0', checkpoint), GONE);
});

test('a checkpoint must increment the sequence number by one; any other checkpoint gets an error and changes nothing', (t) => {
  const { log, create, connect } = startService(t);
  const client = connect(create('Stream'));
  client.heartbeat();
  log.write('a');
  const start = client.getCheckpoint('Stream_p0');
  const { nextToken } = client.read('Stream_p0', start.checkpoint);
  const mismatch = { code: 'OTSSequenceNumberNotMatch', status: 400 };
  for (const number of [0n, 2n, -1n])
    assert.throws(() => client.checkpoint('Stream_p0', nextToken, number), mismatch, `${number}`);
  assert.deepEqual(client.getCheckpoint('Stream_p0'), start);
  client.checkpoint('Stream_p0', nextToken, 1n);
  assert.throws(() => client.checkpoint('Stream_p0', nextToken, 1n), mismatch);
  assert.deepEqual(client.getCheckpoint('Stream_p0'), { checkpoint: nextToken, sequenceNumber: 1n });
});

test('FINISHED is not a valid checkpoint of a channel that has not ended', (t) => {
  const { create, connect } = startService(t);
  const client = connect(create('Stream'));
  client.heartbeat();
  assert.throws(() => client.checkpoint('Stream_p0', 'finished', 1n), { code: 'OTSParameterInvalid' });
});

test('after a split, the parent channel ends before its children are assigned, so that the order is kept', (t) => {
  const { log, create, connect, describe } = startService(t);
  const client = connect(create('Stream'));
  client.heartbeat();
  log.write('a');
  log.split('weather', 'p0');
  log.write('a', [], 'DELETE_ROW');
  log.write('z');
  const parent = { channelId: 'Stream_p0', version: 1n, status: 'OPEN' } as const;
  assert.deepEqual(client.heartbeat(parent), [parent]);
  assert.deepEqual(
    describe().channels.map(({ channelId, channelStatus }) => `${channelId} ${channelStatus}`),
    ['Stream_p0 OPEN', 'Stream_p0-low WAIT', 'Stream_p0-high WAIT'],
  );
  assert.deepEqual(ids(client.drain('Stream_p0')), ['a']);
  assert.equal(client.getCheckpoint('Stream_p0').checkpoint, 'finished');
  const opened = client.heartbeat({ ...parent, version: 2n, status: 'TERMINATED' });
  assert.deepEqual(
    opened.map(({ channelId }) => channelId),
    ['Stream_p0-low', 'Stream_p0-high'],
  );
  assert.deepEqual(ids(client.drain('Stream_p0-low')), ['a']);
  assert.deepEqual(ids(client.drain('Stream_p0-high')), ['z']);
});

test('a split channel ends with its last change, after any number of pages', (t) => {
  const { log, create, connect } = startService(t);
  const client = connect(create('Stream'));
  client.heartbeat();
  for (let number = 0; number < 501; number++) log.write('a');
  log.split('weather', 'p0');
  const page = client.read('Stream_p0', client.getCheckpoint('Stream_p0').checkpoint);
  assert.deepEqual([page.records.length, page.mayMoreRecord], [500, true]);
  const last = client.read('Stream_p0', page.nextToken);
  assert.deepEqual([last.records.length, last.mayMoreRecord, last.nextToken], [1, false, 'finished']);
  const nothing = client.read('Stream_p0', 'finished');
  assert.deepEqual([nothing.records.length, nothing.nextToken], [0, 'finished']);
});

test('if a partition is split while base data is read, no row is lost or repeated', (t) => {
  const { log, create, connect } = startService(t);
  for (let number = 0; number < 900; number++) log.write(`k${String(number).padStart(3, '0')}`);
  const client = connect(create('BaseAndStream'));
  client.heartbeat();
  const { checkpoint } = client.getCheckpoint('BaseData_p0');
  const page = client.read('BaseData_p0', checkpoint);
  assert.deepEqual([page.records.length, page.mayMoreRecord], [500, true]);
  client.checkpoint('BaseData_p0', page.nextToken, 1n);
  log.split('weather', 'p0', 'k600');
  assert.equal(client.drain('BaseData_p0').length, 400);
});

test('tunnels, clients, owners and checkpoints survive a restart', async (t) => {
  const { log, create, connect, describe, restart } = startService(t);
  const client = connect(create('Stream'));
  const assigned = client.heartbeat();
  log.write('a');
  client.drain('Stream_p0');
  const before = [describe(), client.getCheckpoint('Stream_p0')];
  await restart();
  assert.deepEqual([describe(), client.getCheckpoint('Stream_p0')], before);
  log.write('b');
  assert.deepEqual(ids(client.drain('Stream_p0')), ['b']);
  assert.deepEqual(client.heartbeat(...assigned), assigned);
});

test('a page ends at 500 records or 900 KiB, but has at least one record of any size', (t) => {
  const { log, create, connect } = startService(t);
  const client = connect(create('BaseAndStream'));
  for (const [id, size] of [
    ['a', 500],
    ['b', 500],
    ['c', 1_000],
    ['d', 1],
  ] as const)
    log.write(id, [{ name: 'bytes', value: Buffer.alloc(size * 1024) }]);
  client.heartbeat();
  let { checkpoint: token } = client.getCheckpoint('BaseData_p0');
  const pages: number[] = [];
  while (token !== 'finished') {
    const page = client.read('BaseData_p0', token);
    pages.push(page.records.length);
    token = page.nextToken;
  }
  assert.deepEqual(pages, [1, 1, 1, 1]);
});
