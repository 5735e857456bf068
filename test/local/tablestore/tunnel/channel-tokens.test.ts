import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type ChannelPosition,
  positionOf,
  tokenOf,
} from '../../../../local/tablestore/tunnel/channel-position.ts';
import { newChannels } from '../../../../local/tablestore/tunnel/new-channels.ts';
import { startPosition } from '../../../../local/tablestore/tunnel/start-position.ts';
import { decodeTunnelToken, encodeTunnelToken } from '../../../../ots/wire/tunnel-token.ts';

describe('a token', () => {
  const positions: readonly (ChannelPosition | 'finished')[] = [
    { kind: 'Stream', after: 0n, count: 0n },
    { kind: 'Stream', after: 1_763_769_600_000_001n, count: 12n },
    { kind: 'BaseData', after: undefined, count: 0n },
    { kind: 'BaseData', after: Buffer.from([0, 255, 58, 1]), count: 2n ** 40n },
    'finished',
  ];
  for (const position of positions)
    test(`decodes to its position: ${JSON.stringify(position, (_, one) => String(one))}`, () => {
      assert.deepEqual(positionOf('c:1', tokenOf('c:1', position)), position);
    });

  test('distinguishes a stream from base data by its iterator, as clients expect', () => {
    const stream = decodeTunnelToken(tokenOf('c', { kind: 'Stream', after: 7n, count: 0n }));
    const base = decodeTunnelToken(tokenOf('c', { kind: 'BaseData', count: 0n }));
    assert.deepEqual([(stream.iterator ?? '') === '', (base.iterator ?? '') === ''], [false, true]);
  });

  const invalidTokens: readonly [name: string, token: string][] = [
    ['is of another channel', tokenOf('d', { kind: 'Stream', after: 1n, count: 1n })],
    ['is of another channel’s base data', tokenOf('d', { kind: 'BaseData', count: 1n })],
    ['is not a token', 'nonsense'],
    ['is empty', ''],
    ['has additional characters', `${tokenOf('c', { kind: 'Stream', after: 1n, count: 1n })}A`],
    [
      'has a position that is not a number',
      encodeTunnelToken({ iterator: 'c:-1', timestamp: 1n, totalCount: 0n }),
    ],
    [
      'has a time that differs from its position',
      encodeTunnelToken({ iterator: 'c:1', timestamp: 2n, totalCount: 0n }),
    ],
  ];
  for (const [name, token] of invalidTokens)
    test(`gets an error if it ${name}`, () => {
      assert.throws(() => positionOf('c', token), { code: 'OTSParameterInvalid', status: 400 });
    });
});

describe('a stream begins', () => {
  const nowMs = Date.UTC(2026, 10, 22, 12);
  const context = { nowMs, expirationHours: 24, newest: 77n };
  const nanoseconds = (ms: number): bigint => BigInt(ms) * 1_000_000n;
  const oldest = nowMs - 24 * 3_600_000 + 300_000;
  const cases: readonly [
    name: string,
    start: Parameters<typeof startPosition>[0],
    expected: bigint | undefined,
  ][] = [
    ['after the newest change', undefined, 77n],
    ['after the newest change for LATEST', { flag: 'LATEST' }, 77n],
    ['before everything for EARLIEST', { flag: 'EARLIEST' }, 0n],
    ['with the change at the offset', { startOffset: nanoseconds(nowMs) }, BigInt(nowMs) * 1_000n - 1n],
    ['after an offset between two µs', { startOffset: nanoseconds(nowMs) - 1n }, BigInt(nowMs) * 1_000n - 1n],
    ['at the oldest offset', { startOffset: nanoseconds(oldest) }, BigInt(oldest) * 1_000n - 1n],
    ['not before the oldest offset', { startOffset: nanoseconds(oldest) - 1n }, undefined],
    ['not in the future', { startOffset: nanoseconds(nowMs) + 1n }, undefined],
  ];
  for (const [name, start, expected] of cases)
    test(name, () => {
      if (expected !== undefined) assert.equal(startPosition(start, context), expected);
      else assert.throws(() => startPosition(start, context), { code: 'OTSParameterInvalid' });
    });
});

describe('channels', () => {
  /** `partitions` holds `id` or `id<parent`, followed by `!` if it was split. */
  const plan = (
    type: 'BaseData' | 'Stream' | 'BaseAndStream',
    partitions: string,
    since: bigint,
    latest: bigint,
  ): string => {
    const read = partitions.split(' ').map((word) => {
      const [, id = '', parent, split] = /^(\w+)(?:<(\w+))?(!?)$/.exec(word) ?? [];
      return { id, closed: split === '!', since: 0n, ...(parent === undefined ? {} : { parent }) };
    });
    const made = newChannels({ type, since }, read, [], () => latest);
    return made.map(({ id, parent }) => (parent === undefined ? id : `${id}<${parent}`)).join(' ');
  };
  const cases: readonly [name: string, ...Parameters<typeof plan>, expected: string][] = [
    ['of base data are the open partitions', 'BaseData', 'a! b<a c<a', 0n, 9n, 'BaseData_b BaseData_c'],
    [
      'of both kinds begin with base data',
      'BaseAndStream',
      'a b',
      0n,
      0n,
      'BaseData_a BaseData_b Stream_a Stream_b',
    ],
    [
      'of a stream include a split partition with changes to deliver',
      'Stream',
      'a! b<a',
      5n,
      6n,
      'Stream_a Stream_b<Stream_a',
    ],
    ['of a stream omit a split partition without changes to deliver', 'Stream', 'a! b<a', 6n, 6n, 'Stream_b'],
  ];
  for (const [name, type, partitions, since, latest, expected] of cases)
    test(name, () => assert.equal(plan(type, partitions, since, latest), expected));

  test('of a split follow their parent, even if nothing changed between two splits', () => {
    const tunnel = { type: 'Stream', since: 100n } as const;
    const open = (id: string, parent?: string) => ({
      id,
      closed: false,
      since: 0n,
      ...(parent === undefined ? {} : { parent }),
    });
    const known = newChannels(tunnel, [open('a')], [], () => 0n);
    const split = [{ ...open('a'), closed: true }, { ...open('b', 'a'), closed: true }, open('c', 'b')];
    const made = newChannels(tunnel, split, known, () => 0n);
    assert.deepEqual(
      made.map(({ id, parent, index }) => [id, parent, index]),
      [
        ['Stream_b', 'Stream_a', 1],
        ['Stream_c', 'Stream_b', 2],
      ],
    );
  });
});
