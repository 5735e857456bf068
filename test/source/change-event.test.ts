import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TunnelRecord } from '../../ots/tunnel/tunnel-record.ts';
import { changeEvent, committedMsOf, type EventOrigin } from '../../source/change-event.ts';

const origin: EventOrigin = {
  instance: 'sluice-local',
  table: 'weather',
  extensions: new Map([
    ['adcode', 'adcode'],
    ['date', 'date'],
  ]),
  overrides: {},
};
const primaryKey = [
  { name: 'adcode', value: '110000' },
  { name: 'date', value: '2026-11-23' },
];
const put: TunnelRecord = {
  action: 'PUT_ROW',
  primaryKey,
  cells: [{ name: 'dayweather', value: '小雨', timestamp: 1_795_334_400_000n }],
  sequence: { epoch: 0, timestamp: 1_795_334_400_123_456n, rowIndex: 2 },
};

test('the event of a put has the key, columns, position, row and time', () => {
  const { attributes, body } = changeEvent(put, origin);
  const { id, partitionkey, ...rest } = attributes;
  assert.match(String(partitionkey), /^[0-9a-f]{16}$/);
  // Position and time were computed with Python.
  const position = '00000000:000660d8dd2c2240:00000002';
  assert.equal(id, `${position}:${String(partitionkey)}`);
  assert.deepEqual(rest, {
    specversion: '1.0',
    source: '/tablestore/sluice-local/weather',
    type: 'tablestore.row.put',
    subject: 'adcode=110000,date=2026-11-23',
    time: '2026-11-22T08:00:00.123456Z',
    datacontenttype: 'application/json',
    adcode: '110000',
    date: '2026-11-23',
    sequence: position,
  });
  assert.deepEqual(JSON.parse(body), {
    key: { adcode: '110000', date: '2026-11-23' },
    columns: { dayweather: '小雨' },
    operation: 'put',
  });
});

test('the event of an update has the changed columns, and null for a deleted column', () => {
  const { attributes, body } = changeEvent(
    {
      ...put,
      action: 'UPDATE_ROW',
      cells: [
        { name: 'daytemp', value: 5n },
        { name: 'wind', operation: 'delete all versions' },
      ],
      before: [{ name: 'daytemp', value: 4n }],
    },
    origin,
  );
  assert.equal(attributes.type, 'tablestore.row.update');
  const { columns, before, operation } = JSON.parse(body) as Record<string, unknown>;
  assert.deepEqual(
    { columns, before, operation },
    {
      columns: { daytemp: 5, wind: null },
      before: { daytemp: 4 },
      operation: 'update',
    },
  );
});

test('the event of a delete has only the key', () => {
  const { attributes, body } = changeEvent({ ...put, action: 'DELETE_ROW', cells: [] }, origin);
  assert.equal(attributes.type, 'tablestore.row.delete');
  assert.deepEqual((JSON.parse(body) as { columns: object }).columns, {});
});

test('base data is marked, and has the time of its newest column', () => {
  const { sequence: _, ...base } = put;
  const { attributes, body } = changeEvent(base, origin);
  assert.equal(attributes.basedata, true);
  assert.equal(attributes.sequence, undefined);
  assert.match(String(attributes.id), /^base:[0-9a-f]{16}:[0-9a-f]{16}$/);
  assert.equal(attributes.time, '2026-11-22T08:00:00.000000Z');
  assert.equal((JSON.parse(body) as { base: boolean }).base, true);
});

test('ids are the same for redeliveries, and differ for each change, row and key type', () => {
  const idOf = (record: TunnelRecord): unknown => changeEvent(record, origin).attributes.id;
  const other: TunnelRecord[] = [
    { ...put, sequence: { epoch: 0, timestamp: 1_795_334_400_123_457n, rowIndex: 2 } },
    { ...put, sequence: { epoch: 0, timestamp: 1_795_334_400_123_456n, rowIndex: 3 } },
    { ...put, sequence: { epoch: 1, timestamp: 1_795_334_400_123_456n, rowIndex: 2 } },
    {
      ...put,
      primaryKey: [
        { name: 'adcode', value: '110000' },
        { name: 'date', value: '2026-11-24' },
      ],
    },
    {
      ...put,
      primaryKey: [
        { name: 'adcode', value: 110_000n },
        { name: 'date', value: '2026-11-23' },
      ],
    },
  ];
  assert.equal(idOf(put), idOf({ ...put, cells: [] }));
  assert.equal(new Set([put, ...other].map(idOf)).size, other.length + 1);
});

const subjects: readonly [key: readonly (string | bigint | Buffer)[], subject: string][] = [
  [['北京', '1,2=3%'], 'a=北京,b=1%2C2%3D3%25'],
  [[-5n, Buffer.from([255, 0])], 'a=-5,b=/wA%3D'],
];
for (const [[one = '', two = ''], subject] of subjects)
  test(`different keys have different subjects: ${subject}`, () => {
    const key = [
      { name: 'a', value: one },
      { name: 'b', value: two },
    ];
    assert.equal(changeEvent({ ...put, primaryKey: key }, origin).attributes.subject, subject);
  });

test('values keep their types and all digits', () => {
  const cells = [
    { name: 'small', value: 9_007_199_254_740_991n },
    { name: 'large', value: -9_223_372_036_854_775_808n },
    { name: 'half', value: 0.5 },
    { name: 'none', value: Number.NaN },
    { name: 'yes', value: true },
    { name: 'bytes', value: Buffer.from([1, 2]) },
    { name: 'text', value: '😀 {"integer": "1"}' },
  ];
  assert.deepEqual((JSON.parse(changeEvent({ ...put, cells }, origin).body) as { columns: object }).columns, {
    small: 9_007_199_254_740_991,
    large: { integer: '-9223372036854775808' },
    half: 0.5,
    none: { double: 'NaN' },
    yes: true,
    bytes: { binary: 'AQI=' },
    text: '😀 {"integer": "1"}',
  });
});

test('a column with single deleted versions is in deletedVersions, because its current value is unknown', () => {
  const cells = [
    { name: 'kept', value: 1n },
    { name: 'gone', operation: 'delete all versions' as const },
    { name: 'older', operation: 'delete version' as const, timestamp: 1_795_334_400_000n },
    { name: 'older', operation: 'delete version' as const, timestamp: 2n ** 62n },
    { name: 'kept', operation: 'delete version' as const, timestamp: 7n },
  ];
  const { body } = changeEvent({ ...put, action: 'UPDATE_ROW', cells }, origin);
  const { columns, deletedVersions } = JSON.parse(body) as Record<string, unknown>;
  assert.deepEqual(columns, { kept: 1, gone: null });
  assert.deepEqual(deletedVersions, {
    older: [1_795_334_400_000, { integer: '4611686018427387904' }],
    kept: [7],
  });
});

test('base data without columns has no time', () => {
  const { sequence: _, ...base } = put;
  const { attributes } = changeEvent({ ...base, cells: [] }, origin);
  assert.equal('time' in attributes, false);
  assert.equal(committedMsOf(base), undefined);
  assert.match(String(attributes.id), /^base:0{16}:[0-9a-f]{16}$/);
});

test('if a column has several versions, the event has the newest version', () => {
  const cells = [
    { name: 'c', value: 'old', timestamp: 1n },
    { name: 'c', value: 'new', timestamp: 3n },
    { name: 'c', value: 'older', timestamp: 2n },
  ];
  assert.deepEqual((JSON.parse(changeEvent({ ...put, cells }, origin).body) as { columns: object }).columns, {
    c: 'new',
  });
});

test('every event has the attributes of K_CE_OVERRIDES', () => {
  const { attributes } = changeEvent(put, { ...origin, overrides: { team: 'weather' } });
  assert.equal(attributes.team, 'weather');
});

test('if the version of a column of base data is not a valid time, the event has the nearest time that RFC 3339 allows', () => {
  const { sequence: _, ...base } = put;
  for (const [timestamp, time] of [
    [2n ** 63n - 1n, '9999-12-31T23:59:59.999999Z'],
    [0n, '1970-01-01T00:00:00.000000Z'],
  ] as const)
    assert.equal(
      changeEvent({ ...base, cells: [{ name: 'c', value: 'v', timestamp }] }, origin).attributes.time,
      time,
    );
});
