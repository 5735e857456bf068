import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { message } from '../../../../ots/wire/message.ts';
import { TABLE, tunnelStage } from './tunnel-stage.ts';

function stage(t: TestContext) {
  const one = tunnelStage();
  t.after(() => one.close());
  return one;
}

describe('what cannot be is refused in one sentence', () => {
  const named = { tableName: TABLE, tunnelName: 'changes' };
  const stream = { ...named, tunnelType: 'Stream' };
  const invalid = 'OTSParameterInvalid';
  const cases: readonly [
    name: string,
    call: string,
    request: object,
    code: string,
    status: number,
    says: RegExp,
  ][] = [
    [
      'a second tunnel of a name',
      'create',
      { tunnel: stream },
      'OTSTunnelExist',
      409,
      /changes.*already exist/,
    ],
    [
      'a tunnel of no table',
      'create',
      { tunnel: { ...stream, tableName: 'none' } },
      invalid,
      400,
      /none not exist/,
    ],
    ['a name with a space', 'create', { tunnel: { ...stream, tunnelName: 'a b' } }, invalid, 400, /"a b"/],
    ['an empty name', 'create', { tunnel: { ...stream, tunnelName: '' } }, invalid, 400, /Tunnel name ""/],
    [
      'a start of base data',
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
      /BaseData.*no start/,
    ],
    [
      'a start before all',
      'create',
      { tunnel: { ...stream, tunnelName: 'b', streamTunnelConfig: { startOffset: 1n } } },
      invalid,
      400,
      /offset 1 is not between/,
    ],
    [
      'an end',
      'create',
      { tunnel: { ...stream, tunnelName: 'b', streamTunnelConfig: { endOffset: 5n } } },
      invalid,
      400,
      /End offset 5/,
    ],
    ['an unknown tunnel', 'describe', { ...named, tunnelName: 'none' }, invalid, 400, /none.*not exist/],
    ['another tunnel’s id', 'delete', { ...named, tunnelId: 'x' }, invalid, 400, /id x not exist/],
    ['a list of no table', 'list', { tableName: 'none' }, invalid, 400, /none not exist/],
    ['a client of no tunnel', 'connect', { tunnelId: 'x' }, invalid, 400, /Tunnel x not exist/],
    ['a client unknown', 'heartbeat', { tunnelId: 'ID', clientId: 'x' }, 'OTSResourceGone', 410, /Client x/],
    [
      'a timeout of nothing',
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
      'a token from elsewhere',
      'readrecords',
      { tunnelId: 'ID', clientId: 'CLIENT', channelId: 'Stream_p0', token: 'x' },
      invalid,
      400,
      /Token x is none of channel Stream_p0/,
    ],
    ['points of no tunnel', 'getrpo', { tunnelId: 'x' }, invalid, 400, /Tunnel x not exist/],
  ];
  for (const [name, call, request, code, status, says] of cases)
    test(name, (t) => {
      const { ask, create, connect } = stage(t);
      const tunnelId = create('Stream');
      const { clientId } = connect(tunnelId);
      const text = (value: unknown): unknown =>
        value === 'ID' ? tunnelId : value === 'CLIENT' ? clientId : value;
      const filled = Object.fromEntries(Object.entries(request).map(([key, value]) => [key, text(value)]));
      assert.throws(() => ask(call, filled), { code, status, message: says });
    });

  const bodies: readonly [name: string, body: Buffer, says: RegExp][] = [
    ['bytes that are no request', Buffer.from('nonsense'), /no HeartbeatRequest/],
    ['a request without what it needs', Buffer.alloc(0), /tunnelId/],
    [
      'a field that is not known',
      Buffer.concat([
        message<object>('HeartbeatRequest').encode({ tunnelId: 'x', clientId: 'y' }),
        Buffer.from([0x7a, 0x01, 0x00]),
      ]),
      /HeartbeatRequest has field 15/,
    ],
  ];
  for (const [name, body, says] of bodies)
    test(name, (t) => {
      assert.throws(() => stage(t).raw('heartbeat', body), { code: invalid, status: 400, message: says });
    });
});
