import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { message } from '../../../../ots/wire/message.ts';
import { startTunnelService, TABLE } from './tunnel-fixture.ts';

function startService(t: TestContext) {
  const fixture = startTunnelService();
  t.after(() => fixture.close());
  return fixture;
}

describe('an invalid request gets one clear sentence', () => {
  const named = { tableName: TABLE, tunnelName: 'changes' };
  const stream = { ...named, tunnelType: 'Stream' };
  const invalid = 'OTSParameterInvalid';
  const cases: readonly [
    name: string,
    call: string,
    request: object,
    code: string,
    status: number,
    sentence: RegExp,
  ][] = [
    [
      'a second tunnel with the same name',
      'create',
      { tunnel: stream },
      'OTSTunnelExist',
      409,
      /changes.*already exist/,
    ],
    [
      'a tunnel of a missing table',
      'create',
      { tunnel: { ...stream, tableName: 'none' } },
      invalid,
      400,
      /none not exist/,
    ],
    ['a name with a space', 'create', { tunnel: { ...stream, tunnelName: 'a b' } }, invalid, 400, /"a b"/],
    ['an empty name', 'create', { tunnel: { ...stream, tunnelName: '' } }, invalid, 400, /Tunnel name ""/],
    [
      'a start position for a tunnel of base data',
      'create',
      {
        tunnel: {
          ...stream,
          tunnelName: 'b',
          tunnelType: 'BaseData',
          streamTunnelConfig: { flag: 'EARLIEST' },
        },
      },
      invalid,
      400,
      /BaseData tunnel cannot have a start/,
    ],
    [
      'a start position before the retention',
      'create',
      { tunnel: { ...stream, tunnelName: 'b', streamTunnelConfig: { startOffset: 1n } } },
      invalid,
      400,
      /offset 1 must be from/,
    ],
    [
      'an end offset',
      'create',
      { tunnel: { ...stream, tunnelName: 'b', streamTunnelConfig: { endOffset: 5n } } },
      invalid,
      400,
      /End offset 5/,
    ],
    ['an unknown tunnel', 'describe', { ...named, tunnelName: 'none' }, invalid, 400, /none.*not exist/],
    ['another tunnel’s id', 'delete', { ...named, tunnelId: 'x' }, invalid, 400, /id x not exist/],
    ['a list of a missing table', 'list', { tableName: 'none' }, invalid, 400, /none not exist/],
    ['a client of a missing tunnel', 'connect', { tunnelId: 'x' }, invalid, 400, /Tunnel x not exist/],
    ['an unknown client', 'heartbeat', { tunnelId: 'ID', clientId: 'x' }, 'OTSResourceGone', 410, /Client x/],
    [
      'a timeout of 0',
      'connect',
      { tunnelId: 'ID', clientConfig: { timeout: 0n } },
      invalid,
      400,
      /timeout 0/,
    ],
    [
      'a timeout of years',
      'connect',
      { tunnelId: 'ID', clientConfig: { timeout: 2n ** 62n } },
      invalid,
      400,
      /timeout 4611/,
    ],
    [
      'an unknown channel',
      'getcheckpoint',
      { tunnelId: 'ID', clientId: 'CLIENT', channelId: 'x' },
      invalid,
      400,
      /Channel x/,
    ],
    [
      'a string that is not a token',
      'readrecords',
      { tunnelId: 'ID', clientId: 'CLIENT', channelId: 'Stream_p0', token: 'x' },
      invalid,
      400,
      /Token x is not a token of channel Stream_p0/,
    ],
    ['recovery points of a missing tunnel', 'getrpo', { tunnelId: 'x' }, invalid, 400, /Tunnel x not exist/],
  ];
  for (const [name, call, request, code, status, sentence] of cases)
    test(name, (t) => {
      const { send, create, connect } = startService(t);
      const tunnelId = create('Stream');
      const { clientId } = connect(tunnelId);
      const text = (value: unknown): unknown =>
        value === 'ID' ? tunnelId : value === 'CLIENT' ? clientId : value;
      const filled = Object.fromEntries(Object.entries(request).map(([key, value]) => [key, text(value)]));
      assert.throws(() => send(call, filled), { code, status, message: sentence });
    });

  const bodies: readonly [name: string, body: Buffer, sentence: RegExp][] = [
    ['malformed bytes', Buffer.from('nonsense'), /cannot decode HeartbeatRequest/],
    ['a request without a required field', Buffer.alloc(0), /tunnelId/],
    [
      'an unknown field',
      Buffer.concat([
        message<object>('HeartbeatRequest').encode({ tunnelId: 'x', clientId: 'y' }),
        Buffer.from([0x7a, 0x01, 0x00]),
      ]),
      /HeartbeatRequest has the unknown field 15/,
    ],
  ];
  for (const [name, body, sentence] of bodies)
    test(name, (t) => {
      assert.throws(() => startService(t).raw('heartbeat', body), {
        code: invalid,
        status: 400,
        message: sentence,
      });
    });
});
