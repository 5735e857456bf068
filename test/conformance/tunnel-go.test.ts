import assert from 'node:assert/strict';
import { test } from 'node:test';
import { INSTANCE, startTunnelCloud, TABLE } from './tunnel-cloud.ts';
import { goCall, goConsumer, tablestoreGoTool } from './tunnel-go.ts';
import { runTunnelScenario } from './tunnel-scenario.ts';

const program = await tablestoreGoTool();
const skip = program === undefined ? 'Go is not available' : false;

test('the official Go client consumes a table in spite of faults and restarts', {
  skip,
  timeout: 300_000,
}, async (t) => {
  await runTunnelScenario(t, goConsumer(program ?? ''));
});

test('the official Go client creates, lists, describes and deletes tunnels', {
  skip,
  timeout: 300_000,
}, async (t) => {
  const cloud = await startTunnelCloud({ partitions: 1 });
  t.after(() => cloud.stop());
  const call = (command: Parameters<typeof goCall>[1], flags: Record<string, string | boolean> = {}) =>
    goCall(program ?? '', command, { endpoint: cloud.endpoint, instance: INSTANCE, ...flags });
  const named = { table: TABLE, name: 'changes' };

  const id = String((await call('create', { ...named, kind: 'BaseAndStream' })).answer?.TunnelId);
  const again = await call('create', { ...named, kind: 'Stream' });
  assert.deepEqual([again.type, again.code], ['failed', 'OTSTunnelExist']);
  const listed = (await call('list', { table: TABLE })).answer ?? {};
  const [info = {}] = listed.Tunnels as Record<string, unknown>[];
  const { StreamId, CreateTime, ...rest } = info;
  assert.deepEqual(rest, {
    ...{ TunnelId: id, TunnelName: 'changes', TunnelType: 'BaseAndStream', TableName: TABLE },
    ...{ InstanceName: INSTANCE, Stage: 'ProcessBaseData', Expired: false, StreamTunnelConfig: null },
  });
  assert.notEqual(StreamId, '');
  assert.ok(Math.abs(Date.parse(String(CreateTime)) - Date.now()) < 60_000, String(CreateTime));
  const described = (await call('describe', named)).answer ?? {};
  const channels = described.Channels as Record<string, unknown>[];
  assert.deepEqual(
    channels.map(({ ChannelType, ChannelStatus }) => `${ChannelType} ${ChannelStatus}`),
    ['BaseData WAIT', 'Stream WAIT'],
  );
  const channel = String(channels[1]?.ChannelId);
  assert.equal((await call('schedule', { 'tunnel-id': id, channel, status: 'TERMINATED' })).type, 'schedule');
  const { RpoInfos } = (await call('rpo', { 'tunnel-id': id })).answer ?? {};
  const rpo = RpoInfos as Record<string, Record<string, unknown>>;
  assert.deepEqual(rpo[id]?.[channel], {
    ...(rpo[id]?.[channel] as object),
    ...{ ChannelTyp: 'Stream', Status: 'TERMINATED', TotalCount: 0 },
  });
  const early = { table: TABLE, name: 'early', kind: 'Stream' };
  const tooEarly = await call('create', { ...early, 'start-ns': '1' });
  assert.deepEqual([tooEarly.type, tooEarly.code], ['failed', 'OTSParameterInvalid']);
  assert.equal((await call('create', { ...early, earliest: true })).type, 'create');
  const { Tunnel } = (await call('describe', early)).answer ?? {};
  assert.deepEqual((Tunnel as Record<string, unknown>).StreamTunnelConfig, {
    Flag: 1,
    StartOffset: 0,
    EndOffset: 0,
  });
  assert.equal((await call('delete', named)).type, 'delete');
  assert.equal((await call('describe', named)).code, 'OTSParameterInvalid');
});

test('the official Go client ends when the tunnel is expired', { skip, timeout: 60_000 }, async (t) => {
  const cloud = await startTunnelCloud({ partitions: 1 });
  t.after(() => cloud.stop());
  const tunnelId = await cloud.createTunnel('Stream', 'changes');
  await cloud.expire('changes');
  const lines: string[] = [];
  const running = await goConsumer(program ?? '').start({
    ...{
      endpoint: cloud.endpoint,
      instance: INSTANCE,
      tunnelId,
      name: 'go',
      heartbeatMs: 400,
      timeoutMs: 2_000,
    },
    onLine: (line) => lines.push('code' in line ? `${line.type} ${line.code}` : line.type),
  });
  await running.ended;
  assert.deepEqual(lines, ['started', 'ended', 'failed OTSTunnelExpired']);
});
