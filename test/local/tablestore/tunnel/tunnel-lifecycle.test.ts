import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { startTunnelService, TABLE } from './tunnel-fixture.ts';

function startService(t: TestContext, seed?: number) {
  const fixture = startTunnelService(seed === undefined ? {} : { seed });
  t.after(() => fixture.close());
  return fixture;
}

test('a tunnel is created, listed and described with all fields that the vendor’s clients read, and deleted', (t) => {
  const { send, create, describe: describeTunnel, nowMs } = startService(t);
  const id = create('BaseAndStream', 'changes');
  const info = {
    ...{ tunnelId: id, tunnelType: 'BaseAndStream', tableName: TABLE, instanceName: 'sluice-local' },
    ...{ streamId: `stream-${nowMs}`, stage: 'ProcessBaseData', expired: false, tunnelName: 'changes' },
    ...{ public: false, createTime: BigInt(nowMs) * 1_000_000n },
  };
  assert.deepEqual(send('list', { tableName: TABLE }).tunnels, [info]);
  assert.deepEqual(send('list', { tableName: '' }).tunnels, [info]);
  assert.deepEqual(send('list', {}).tunnels, [info]);
  const described = describeTunnel('changes');
  assert.deepEqual(described.tunnel, info);
  const unassigned = { channelStatus: 'WAIT', clientId: '', channelCount: 0n };
  assert.deepEqual(described.channels, [
    { ...unassigned, channelId: 'BaseData_p0', channelType: 'BaseData', channelRpo: 0n },
    {
      ...unassigned,
      channelId: 'Stream_p0',
      channelType: 'Stream',
      channelRpo: BigInt(nowMs) * 1_000_000n,
    },
  ]);
  send('delete', { tableName: TABLE, tunnelName: 'changes', tunnelId: id });
  assert.deepEqual(send('list', {}).tunnels, []);
  assert.throws(() => describeTunnel('changes'), {
    code: 'OTSParameterInvalid',
    status: 400,
    message: /not exist/,
  });
});

test('a stream’s recovery point is just before the oldest unconsumed change, or now if there is none', (t) => {
  const { log, create, connect, describe: describeTunnel, advanceClock } = startService(t);
  const client = connect(create('Stream'));
  client.heartbeat();
  const changed = log.write('a');
  const point = (changed - 1n) * 1_000n;
  assert.deepEqual([describeTunnel().channels[0]?.channelRpo, describeTunnel().tunnelRpo], [point, point]);
  assert.equal(describeTunnel().channels[0]?.clientId, client.clientId);
  client.drain('Stream_p0');
  advanceClock(5_000);
  const now = BigInt(Date.UTC(2026, 10, 22) + 5_000) * 1_000_000n;
  assert.deepEqual(
    [
      describeTunnel().channels[0]?.channelRpo,
      describeTunnel().tunnelRpo,
      describeTunnel().channels[0]?.channelCount,
    ],
    [now, now, 1n],
  );
});

test('the recovery points are also available as JSON', (t) => {
  const { send, create } = startService(t);
  const tunnelId = create('Stream');
  const infos = JSON.parse(send('getrpo', { tunnelId }).rpoInfos.toString()) as Record<string, object>;
  assert.deepEqual(Object.keys(infos[tunnelId] ?? {}), ['Stream_p0']);
});

test('a tunnel is deleted with its table, and a new table with the same name has no tunnel', (t) => {
  const { send, create, connect, dropTable, recreateTable } = startService(t);
  const tunnelId = create('Stream');
  const client = connect(tunnelId);
  dropTable();
  assert.throws(() => client.heartbeat(), { code: 'OTSParameterInvalid', message: /not exist/ });
  recreateTable();
  assert.deepEqual(send('list', {}).tunnels, []);
  assert.notEqual(create('Stream'), tunnelId);
});

test('a Stream tunnel that falls behind the retention continues with the oldest change', (t) => {
  const { log, create, connect } = startService(t);
  const client = connect(create('Stream'));
  client.heartbeat();
  log.trim(log.write('lost'));
  log.write('kept');
  assert.equal(client.drain('Stream_p0').length, 1);
});

test('a tunnel of base data and stream expires if it falls behind the retention, and every call reports this', (t) => {
  const { log, create, connect, describe: describeTunnel } = startService(t);
  const tunnelId = create('BaseAndStream');
  const client = connect(tunnelId);
  client.heartbeat();
  const { checkpoint } = client.getCheckpoint('BaseData_p0');
  log.trim(log.write('lost'));
  const expired = { code: 'OTSTunnelExpired', status: 400 };
  assert.throws(() => client.heartbeat(), expired);
  assert.throws(() => client.read('BaseData_p0', checkpoint), expired);
  assert.throws(() => connect(tunnelId), expired);
  assert.equal(describeTunnel().tunnel.expired, true);
});

test('a read of dropped changes expires the tunnel, even without a heartbeat', (t) => {
  const { log, create, connect, describe: describeTunnel } = startService(t);
  const client = connect(create('BaseAndStream'));
  const [base] = client.heartbeat();
  client.drain('BaseData_p0');
  assert.ok(base);
  client.heartbeat({ ...base, version: 2n, status: 'TERMINATED' });
  const { checkpoint } = client.getCheckpoint('Stream_p0');
  log.trim(log.write('lost'));
  assert.throws(() => client.read('Stream_p0', checkpoint), { code: 'OTSTunnelExpired', status: 400 });
  assert.equal(describeTunnel().tunnel.expired, true);
});

test('a tunnel continues if it had already consumed all dropped changes', (t) => {
  const { log, create, connect } = startService(t);
  const client = connect(create('BaseAndStream'));
  const [base] = client.heartbeat();
  client.drain('BaseData_p0');
  assert.ok(base);
  client.heartbeat({ ...base, version: 2n, status: 'TERMINATED' });
  const last = log.write('a');
  client.drain('Stream_p0');
  log.trim(last);
  assert.equal(client.heartbeat().length, 1);
});

test('an operator expires one tunnel, or all tunnels of a table', (t) => {
  const { service, create, connect, describe: describeTunnel } = startService(t);
  for (const name of ['one', 'two', 'three']) create('Stream', name);
  const client = connect(String(describeTunnel('two').tunnel.tunnelId));
  service.expire(TABLE, 'two');
  assert.throws(() => client.heartbeat(), { code: 'OTSTunnelExpired' });
  const states = () => ['one', 'two', 'three'].map((name) => describeTunnel(name).tunnel.expired);
  assert.deepEqual(states(), [false, true, false]);
  service.expire(TABLE);
  assert.deepEqual(states(), [true, true, true]);
  assert.throws(() => service.expire(TABLE, 'four'), { code: 'OTSParameterInvalid', message: /not exist/ });
});

test('an operator suspends a channel, resumes it, and ends it', (t) => {
  const { send, create, connect } = startService(t);
  const tunnelId = create('Stream');
  const client = connect(tunnelId);
  const [open] = client.heartbeat();
  assert.ok(open);
  const schedule = (status: string): unknown =>
    send('schedule', { tunnelId, channels: [{ channelId: open.channelId, version: 0n, status }] });
  schedule('CLOSING');
  assert.deepEqual(client.heartbeat(open), [{ ...open, version: 2n, status: 'CLOSING' }]);
  assert.deepEqual(client.heartbeat({ ...open, version: 3n, status: 'CLOSE' }), []);
  schedule('OPEN');
  assert.deepEqual(client.heartbeat(), [{ ...open, version: 4n }]);
  schedule('TERMINATED');
  assert.deepEqual(client.heartbeat({ ...open, version: 4n }), []);
});

test('a seed makes ids reproducible, and after a restart no existing id is reused', async (t) => {
  const [one, other] = [startService(t, 7), startService(t, 7)];
  const [first, second] = [one.create('Stream', 'a'), other.create('Stream', 'a')];
  assert.equal(first, second);
  await one.restart();
  assert.notEqual(one.create('Stream', 'b'), first);
});
