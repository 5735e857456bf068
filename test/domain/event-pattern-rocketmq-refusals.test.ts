/**
 * The patterns that Apache RocketMQ EventBridge's PatternEvaluatorBuilderTest (common/src/test/…/tools/pattern)
 * rejects, rewritten. Its one case of invalid JSON is left out, because patterns arrive parsed.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PatternError } from '../../domain/event-pattern.ts';
import { compilePattern } from '../support/compile-pattern.ts';

const mistakes: readonly (readonly [name: string, pattern: unknown, path: string])[] = [
  ['an empty list', { source: [] }, 'source'],
  ['a string', 'abc', ''],
  ['an array', [123], ''],
  ['a bare value for an attribute', { source: 'abc' }, 'source'],
  ['an unknown key', { unrecognizedKey: [123] }, 'unrecognizedKey'],
  ['data without a field', { data: {} }, 'data'],
  [
    'a nested object without a field',
    {
      data: {
        'c-count': [123],
        'map-node': { 'inner-node1': [{ prefix: 'abc' }, 'def'], 'inner-node2': {} },
      },
    },
    'data.map-node.inner-node2',
  ],
  ['a bare value for a field of data', { data: { key: 'abc' } }, 'data.key'],
  ['a list in a list', { source: [123, [234]] }, 'source[1]'],
  ['an unknown operator', { source: [{ unrecognizedKey: 'abc' }] }, 'source[0].unrecognizedKey'],
  ['an empty prefix', { source: [{ prefix: '' }] }, 'source[0].prefix'],
  ['a list of prefixes', { source: [{ prefix: ['abc'] }] }, 'source[0].prefix'],
  ['an empty suffix', { source: [{ suffix: '' }] }, 'source[0].suffix'],
  ['a list of suffixes', { source: [{ suffix: ['abc'] }] }, 'source[0].suffix'],
  ['exists with a string', { source: [{ exists: 'true' }] }, 'source[0].exists'],
  ['a number as an address block', { source: [{ cidr: 12345 }] }, 'source[0].cidr'],
  ['a word as an address block', { source: [{ cidr: 'fefefef' }] }, 'source[0].cidr'],
  ['anything-but an empty object', { source: [{ 'anything-but': {} }] }, 'source[0].anything-but'],
  ['anything-but a list of lists', { source: [{ 'anything-but': [[123]] }] }, 'source[0].anything-but[0]'],
  [
    'anything-but an address block',
    { source: [{ 'anything-but': { cidr: '127.0.0.1' } }] },
    'source[0].anything-but.cidr',
  ],
  ['a bare number', { source: [{ numeric: 123 }] }, 'source[0].numeric'],
  ['a limit that is too large', { source: [{ numeric: ['>', 1.0e10] }] }, 'source[0].numeric[0]'],
  [
    'a limit that is too small',
    { data: { 'c-count': [{ numeric: ['>', -1.0e10] }] } },
    'data.c-count[0].numeric[0]',
  ],
  ['a number instead of a comparison', { source: [{ numeric: [1234, 1.0e10] }] }, 'source[0].numeric[0]'],
  ['an unknown comparison', { source: [{ numeric: ['===', 1.0e8] }] }, 'source[0].numeric[0]'],
  ['an unknown Alibaba Cloud extension', { aliyununrecognizedKey: ['value'] }, 'aliyununrecognizedKey'],
];

for (const [name, pattern, path] of mistakes) {
  test(`rejects, as RocketMQ does: ${name}`, () => {
    assert.throws(
      () => compilePattern(pattern),
      (error) => error instanceof PatternError && error.path === path,
    );
  });
}
