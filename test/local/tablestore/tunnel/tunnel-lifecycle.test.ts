import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { TABLE, tunnelStage } from './tunnel-stage.ts';

function stage(t: TestContext, seed?: number) {
  const one = tunnelStage(seed === undefined ? {} : { seed });
  t.after(() => one.close());
  return one;
}

test('a tunnel is made, listed and described with all that the vendor’s clients read, and deleted', (t) => {
  const { ask, create, describe: look, nowMs } = stage(t);
  const id = create('BaseAndStream', 'changes');
  const info = {
    ...{ tunnelId: id, tunnelType: 'BaseAndStream', tableName: TABLE, instanceName: 'sluice-local' },
    ...{ streamId: `stream-${nowMs}`, stage: 'ProcessBaseData', expired: false, tunnelName: 'changes' },
    ...{ public: false, createTime: BigInt(nowMs) * 1_000_000n },
  };
  assert.deepEqual(ask('list', { tableName: TABLE }).tunnels, [info]);
  assert.deepEqual(ask('list', { tableName: '' }).tunnels, [info]);
  assert.deepEqual(ask('list', {}).tunnels, [info]);
  const described = look('changes');
  assert.deepEqual(described.tunnel, info);
  const nobody = { channelStatus: 'WAIT', clientId: '', channelCount: 0n };
  assert.deepEqual(described.channels, [
    { ...nobody, channelId: 'BaseData_p0', channelType: 'BaseData', channelRpo: 0n },
    { ...nobody, channelId: 'Stream_p0', channelType: 'Stream', channelRpo: BigInt(nowMs) * 1_000_000n },
  ]);
  ask('delete', { tableName: TABLE, tunnelName: 'changes', tunnelId: id });
  assert.deepEqual(ask('list', {}).tunnels, []);
  assert.throws(() => look('changes'), { code: 'OTSParameterInvalid', status: 400, message: /not exist/ });
});

test('a stream’s point is just before the oldest change that nobody has consumed, and now when there is none', (t) => {
  const { log, create, connect, describe: look, later } = stage(t);
  const client = connect(create('Stream'));
  client.beat();
  const changed = log.write('a');
  const point = (changed - 1n) * 1_000n;
  assert.deepEqual([look().channels[0]?.channelRpo, look().tunnelRpo], [point, point]);
  assert.equal(look().channels[0]?.clientId, client.clientId);
  client.drain('Stream_p0');
  later(5_000);
  const now = BigInt(Date.UTC(2026, 10, 22) + 5_000) * 1_000_000n;
  assert.deepEqual(
    [look().channels[0]?.channelRpo, look().tunnelRpo, look().channels[0]?.channelCount],
    [now, now, 1n],
  );
});

test('the points are told as JSON, too', (t) => {
  const { ask, create } = stage(t);
  const tunnelId = create('Stream');
  const infos = JSON.parse(ask('getrpo', { tunnelId }).rpoInfos.toString()) as Record<string, object>;
  assert.deepEqual(Object.keys(infos[tunnelId] ?? {}), ['Stream_p0']);
});

test('a tunnel ends with its table, and a new table of that name has none', (t) => {
  const { ask, create, connect, dropTable } = stage(t);
  const tunnelId = create('Stream');
  const client = connect(tunnelId);
  dropTable();
  assert.throws(() => client.beat(), { code: 'OTSParameterInvalid', message: /not exist/ });
  dropTable(true);
  assert.deepEqual(ask('list', {}).tunnels, []);
  assert.notEqual(create('Stream'), tunnelId);
});

test('a Stream tunnel that falls behind the retention goes on with the oldest there is', (t) => {
  const { log, create, connect } = stage(t);
  const client = connect(create('Stream'));
  client.beat();
  log.trim(log.write('lost'));
  log.write('kept');
  assert.equal(client.drain('Stream_p0').length, 1);
});

test('a tunnel of base data and stream that falls behind is expired for every call, and says so', (t) => {
  const { log, create, connect, describe: look } = stage(t);
  const tunnelId = create('BaseAndStream');
  const client = connect(tunnelId);
  client.beat();
  const { checkpoint } = client.at('BaseData_p0');
  log.trim(log.write('lost'));
  const expired = { code: 'OTSTunnelExpired', status: 400 };
  assert.throws(() => client.beat(), expired);
  assert.throws(() => client.read('BaseData_p0', checkpoint), expired);
  assert.throws(() => connect(tunnelId), expired);
  assert.equal(look().tunnel.expired, true);
});

test('a read of what was dropped finds that the tunnel is expired, without a heartbeat before', (t) => {
  const { log, create, connect, describe: look } = stage(t);
  const client = connect(create('BaseAndStream'));
  const [base] = client.beat();
  client.drain('BaseData_p0');
  assert.ok(base);
  client.beat({ ...base, version: 2n, status: 'TERMINATED' });
  const { checkpoint } = client.at('Stream_p0');
  log.trim(log.write('lost'));
  assert.throws(() => client.read('Stream_p0', checkpoint), { code: 'OTSTunnelExpired', status: 400 });
  assert.equal(look().tunnel.expired, true);
});

test('a tunnel whose changes were dropped after they were consumed goes on', (t) => {
  const { log, create, connect } = stage(t);
  const client = connect(create('BaseAndStream'));
  const [base] = client.beat();
  client.drain('BaseData_p0');
  assert.ok(base);
  client.beat({ ...base, version: 2n, status: 'TERMINATED' });
  const last = log.write('a');
  client.drain('Stream_p0');
  log.trim(last);
  assert.equal(client.beat().length, 1);
});

test('an operator expires one tunnel, or all of a table', (t) => {
  const { service, create, connect, describe: look } = stage(t);
  for (const name of ['one', 'two', 'three']) create('Stream', name);
  const client = connect(String(look('two').tunnel.tunnelId));
  service.expire(TABLE, 'two');
  assert.throws(() => client.beat(), { code: 'OTSTunnelExpired' });
  const states = () => ['one', 'two', 'three'].map((name) => look(name).tunnel.expired);
  assert.deepEqual(states(), [false, true, false]);
  service.expire(TABLE);
  assert.deepEqual(states(), [true, true, true]);
  assert.throws(() => service.expire(TABLE, 'four'), { code: 'OTSParameterInvalid', message: /not exist/ });
});

test('an operator takes a channel from everybody, gives it out again, and ends it', (t) => {
  const { ask, create, connect } = stage(t);
  const tunnelId = create('Stream');
  const client = connect(tunnelId);
  const [open] = client.beat();
  assert.ok(open);
  const wish = (status: string): unknown =>
    ask('schedule', { tunnelId, channels: [{ channelId: open.channelId, version: 0n, status }] });
  wish('CLOSING');
  assert.deepEqual(client.beat(open), [{ ...open, version: 2n, status: 'CLOSING' }]);
  assert.deepEqual(client.beat({ ...open, version: 3n, status: 'CLOSE' }), []);
  wish('OPEN');
  assert.deepEqual(client.beat(), [{ ...open, version: 4n }]);
  wish('TERMINATED');
  assert.deepEqual(client.beat({ ...open, version: 4n }), []);
});

test('a seed makes ids repeat, and a restart with it makes none that is there', async (t) => {
  const [one, other] = [stage(t, 7), stage(t, 7)];
  const [first, second] = [one.create('Stream', 'a'), other.create('Stream', 'a')];
  assert.equal(first, second);
  await one.restart();
  assert.notEqual(one.create('Stream', 'b'), first);
});
