import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeRequest } from '../../gateway/decode/decode-request.ts';
import type { TunnelRecord } from '../../ots/tunnel/tunnel-record.ts';
import type { KeyValue } from '../../ots/wire/row.ts';
import { toBinaryEvent } from '../../runtime/binary-event.ts';
import { changeEvent } from '../../source/change-event.ts';
import { keyAttributeValue, rowSubject } from '../../source/key-attributes.ts';

const ROW_HASH = '0123456789abcdef';
const keyOf = (...values: KeyValue[]) =>
  values.map((value, index) => ({ name: 'abcd'.charAt(index), value }));

const subjects: readonly (readonly [name: string, key: KeyValue[], subject: string])[] = [
  ['a line feed', ['12\n00'], 'a=12%0A00'],
  ['NUL, DEL and a C1 control', ['\0\x7f\x85'], 'a=%00%7F%C2%85'],
  ['noncharacters', ['\ufdd0\uffff\u{1fffe}'], 'a=%EF%B7%90%EF%BF%BF%F0%9F%BF%BE'],
  ['an unpaired surrogate', ['\ud83d'], 'a=%EF%BF%BD'],
  ['a text that looks percent-encoded', ['%0A'], 'a=%250A'],
  ['unusual but allowed characters', ['é ~"\u{1f600}\u2028\ufffd'], 'a=é ~"\u{1f600}\u2028\ufffd'],
  ['a number, bytes and an empty text', [-5n, Buffer.from([255, 0]), ''], 'a=-5,b=/wA%3D,c='],
  // 2,046 bytes of values in the header and 2 of `a=`: the maximum.
  [
    'the maximum length',
    ['x'.repeat(1_024), 'x'.repeat(1_019)],
    `a=${'x'.repeat(1_024)},b=${'x'.repeat(1_019)}`,
  ],
  // 2,031 bytes remain before `~` and the hash.
  [
    'one byte too many',
    ['x'.repeat(1_024), 'x'.repeat(1_020)],
    `a=${'x'.repeat(1_024)},b=${'x'.repeat(1_002)}~${ROW_HASH}`,
  ],
  // 9 bytes each in a header: (2031 - 2) / 9.
  ['many wide characters', ['省'.repeat(341)], `a=${'省'.repeat(225)}~${ROW_HASH}`],
  // In the header, each `%25` becomes `%2525`, which has 5 bytes: (2031 - 2) / 5.
  ['many percent signs', ['%'.repeat(1_024)], `a=${'%25'.repeat(405)}~${ROW_HASH}`],
];
for (const [name, key, subject] of subjects)
  test(`the subject of a key with ${name} is a valid attribute of at most 2,048 bytes in the header`, () =>
    assert.equal(rowSubject(keyOf(...key), ROW_HASH), subject));

const attributes: readonly (readonly [name: string, value: KeyValue, attribute: string | undefined])[] = [
  ['a text', '北京 %"', '北京 %"'],
  ['a number', -5n, '-5'],
  ['bytes', Buffer.from([255, 0]), '/wA='],
  ['an empty text', '', undefined],
  ['a tab', 'a\tb', undefined],
  ['a noncharacter', '\ufffe', undefined],
  ['227 wide characters', '省'.repeat(227), '省'.repeat(227)],
  ['228 wide characters', '省'.repeat(228), undefined],
];
for (const [name, value, attribute] of attributes)
  test(`a key column with ${name} ${attribute === undefined ? 'does not become an attribute' : 'becomes an attribute'}`, () =>
    assert.equal(keyAttributeValue(value), attribute));

const text = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 1_024 }),
    fc
      .array(fc.constantFrom('%', '省', '\0', ',', '=', '\u{1fffe}', 'a'), { maxLength: 1_024 })
      .map((all) => all.join('')),
    fc
      .tuple(fc.constantFrom('%', '省', '\x01', '"', '\u{1f600}'), fc.constant(1_024))
      .map(([one, count]) => one.repeat(count)),
  )
  // A key column has at most 1,024 bytes. An incomplete last character is removed.
  .map((all) =>
    Buffer.from(all)
      .subarray(0, 1_024)
      .toString()
      .replace(/\ufffd+$/, ''),
  );
const value: fc.Arbitrary<KeyValue> = fc.oneof(
  { weight: 5, arbitrary: text },
  fc.uint8Array({ maxLength: 1_024 }).map((bytes) => Buffer.from(bytes)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
);
const columns = fc.uniqueArray(
  fc.string({ unit: fc.constantFrom(...'abcXYZ019'), minLength: 1, maxLength: 200 }),
  {
    ...{ minLength: 1, maxLength: 4 },
    selector: (name) => `k${name}`.toLowerCase(),
  },
);

test('every event has less than 16 KiB of headers, and the gateway can read it', () => {
  fc.assert(
    fc.property(columns, fc.array(value, { minLength: 4, maxLength: 4 }), (names, values) => {
      const primaryKey = names.map((name, index) => ({ name: `k${name}`, value: values[index] ?? '' }));
      const extensions = new Map(primaryKey.map(({ name }) => [name.toLowerCase(), name]));
      const sequence = { epoch: 0, timestamp: 1_795_334_400_123_456n, rowIndex: 2 };
      const record: TunnelRecord = { action: 'PUT_ROW', primaryKey, cells: [], sequence };
      const event = changeEvent(record, {
        instance: 'sluice-local',
        table: 'weather',
        extensions,
        overrides: {},
      });
      const { headers, body } = toBinaryEvent(event.attributes, event.body);
      // Two bytes for each name and value: `: ` and CRLF. 1,000 bytes for the request line, the host and the lengths.
      const bytes = headers.reduce((sum, part) => sum + Buffer.byteLength(part) + 2, 1_000);
      assert.ok(bytes < 16_384, `${bytes} bytes of headers`);
      const named = Object.fromEntries(
        headers.flatMap((name, index) => (index % 2 === 0 ? [[name, headers[index + 1]]] : [])),
      ) as Record<string, string>;
      const [read] = decodeRequest({ headers: named, body: Buffer.from(body) }).events;
      assert.equal(read?.subject, event.attributes.subject);
      for (const name of extensions.keys()) assert.equal(read?.attributes[name], event.attributes[name]);
    }),
    { numRuns: 200 },
  );
});
