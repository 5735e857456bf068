/**
 * Examples from Alibaba Cloud's documentation of event patterns (help.aliyun.com/en/eventbridge/user-guide/
 * event-patterns, as of August 2026). If Apache RocketMQ EventBridge differs, Sluice follows these.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matches, PatternError } from '../../domain/event-pattern.ts';
import { compilePattern } from '../support/compile-pattern.ts';

const oss = {
  id: '7adc8c1a-645d-4476-bdef-5d6fb57f0000',
  source: 'acs.oss',
  specversion: '1.0',
  type: 'oss:ObjectCreated:PostObject',
  datacontenttype: 'application/json',
  dataschema: 'http://example.com/test.json',
  subject: 'acs:oss:cn-hangzhou:1234567:xls-papk/game_apk/123.jpg',
  time: '2020-08-17T16:04:46.149Asia/Shanghai',
  data: { name: 'test', scope: 100 },
};

/** Returns the event with other attributes or other data. */
const withAttributes = (attributes: object) => ({ ...oss, ...attributes });
const withData = (data: object) => ({ ...oss, data });

interface Example {
  readonly name: string;
  readonly pattern: object;
  readonly yes: readonly object[];
  readonly no: readonly object[];
}

const examples: readonly Example[] = [
  {
    name: 'an exact value',
    pattern: { source: ['acs.oss'] },
    yes: [oss],
    no: [withAttributes({ source: 'acs.ecs' })],
  },
  {
    name: 'exact characters, case-sensitive',
    pattern: { source: ['acs.oss'] },
    yes: [],
    no: [withAttributes({ source: 'ACS.OSS' }), withAttributes({ source: ' acs.oss' })],
  },
  {
    name: 'a prefix',
    pattern: { source: [{ prefix: 'acs.' }] },
    yes: [oss],
    no: [withAttributes({ source: 'my.app' })],
  },
  {
    name: 'a prefix, and one of two suffixes',
    pattern: {
      subject: [{ suffix: '.jpg' }, { suffix: '.txt' }],
      source: [{ prefix: 'acs.' }],
    },
    yes: [oss, withAttributes({ subject: 'acs:oss:cn-hangzhou:1234567:xls-papk/123.txt' })],
    no: [withAttributes({ subject: 'acs:oss:cn-hangzhou:1234567:xls-papk/123.png' })],
  },
  {
    name: 'a part',
    pattern: { type: [{ contains: 'Normal' }] },
    yes: [withAttributes({ type: 'ui:Created:NormalObject' }), withAttributes({ type: 'Normal' })],
    no: [oss, withAttributes({ type: 'ui:Created:normalObject' })],
  },
  {
    name: 'anything but a string, and anything but a number',
    pattern: { data: { state: [{ 'anything-but': 'initializing' }], 'x-limit': [{ 'anything-but': 123 }] } },
    yes: [withData({ state: 'running', 'x-limit': 321 })],
    no: [withData({ state: 'initializing', 'x-limit': 321 }), withData({ state: 'running', 'x-limit': 123 })],
  },
  {
    name: 'anything but a list of strings',
    pattern: { data: { state: [{ 'anything-but': ['stopped', 'overloaded'] }] } },
    yes: [withData({ state: 'running' })],
    no: [withData({ state: 'stopped' }), withData({ state: 'overloaded' })],
  },
  {
    name: 'anything but a list of numbers',
    pattern: { data: { 'x-limit': [{ 'anything-but': [100, 200, 300] }] } },
    yes: [withData({ 'x-limit': 301 })],
    no: [withData({ 'x-limit': 100 }), withData({ 'x-limit': 300 })],
  },
  {
    name: 'anything but a prefix',
    pattern: { data: { state: [{ 'anything-but': { prefix: 'init' } }] } },
    yes: [withData({ state: 'running' })],
    no: [withData({ state: 'initializing' })],
  },
  {
    name: 'events that are not Alibaba Cloud’s own',
    pattern: { source: [{ 'anything-but': { prefix: 'acs.' } }] },
    yes: [withAttributes({ source: 'my.app' })],
    no: [oss],
  },
  {
    name: 'numbers and ranges',
    pattern: {
      data: {
        'c-count': [{ numeric: ['>', 0, '<=', 5] }],
        'd-count': [{ numeric: ['<', 10] }],
        'x-limit': [{ numeric: ['=', 3.018e2] }],
      },
    },
    yes: [withData({ 'c-count': 5, 'd-count': 9, 'x-limit': 301.8 })],
    no: [
      withData({ 'c-count': 0, 'd-count': 9, 'x-limit': 301.8 }),
      withData({ 'c-count': 6, 'd-count': 9, 'x-limit': 301.8 }),
      withData({ 'c-count': 5, 'd-count': 10, 'x-limit': 301.8 }),
      withData({ 'c-count': 5, 'd-count': 9, 'x-limit': 301 }),
      withData({ 'c-count': '5', 'd-count': 9, 'x-limit': 301.8 }),
    ],
  },
  {
    name: 'a block of addresses',
    pattern: { data: { 'source-ip': [{ cidr: '10.0.0.0/24' }] } },
    yes: [withData({ 'source-ip': '10.0.0.123' })],
    no: [withData({ 'source-ip': '10.0.1.123' }), withData({ 'source-ip': '10.0.0' })],
  },
  {
    name: 'a missing field',
    pattern: { data: { state: [{ exists: false }] } },
    yes: [withData({ 'c-count': 5 })],
    no: [withData({ state: 'initializing' })],
  },
  {
    name: 'null and the empty string, which differ',
    pattern: { data: { responseElements: [null], eventVersion: [''] } },
    yes: [withData({ responseElements: null, eventVersion: '' })],
    no: [
      withData({ responseElements: '', eventVersion: '' }),
      withData({ responseElements: null, eventVersion: null }),
      withData({ responseElements: 'null', eventVersion: '' }),
    ],
  },
  {
    name: 'an array in the event with one element in common',
    pattern: { data: { resources: ['i-1', 'i-2', 'i-3'] } },
    yes: [withData({ resources: ['i-0', 'i-2'] }), withData({ resources: 'i-3' })],
    no: [withData({ resources: ['i-0', 'i-4'] }), withData({ resources: [] })],
  },
  {
    name: 'several kinds of conditions at once',
    pattern: {
      source: [{ prefix: 'acs.' }],
      data: {
        state: [{ 'anything-but': 'initializing' }],
        'c-count': [{ numeric: ['>', 0, '<=', 5] }],
        'x-limit': [{ 'anything-but': [100, 200, 300] }],
      },
    },
    yes: [withData({ state: 'running', 'c-count': 2, 'x-limit': 50 })],
    no: [
      withData({ state: 'running', 'c-count': 2, 'x-limit': 100 }),
      withData({ state: 'running', 'c-count': 2 }),
    ],
  },
  {
    name: 'ignores other fields, and requires every field of the pattern',
    pattern: { source: ['acs.oss'], data: { name: ['test'] } },
    yes: [oss],
    no: [withData({ scope: 100 }), withData({ inner: { name: 'test' } })],
  },
];

for (const { name, pattern, yes, no } of examples) {
  test(`documented: ${name}`, () => {
    const compiled = compilePattern(pattern);
    for (const event of yes) assert.equal(matches(compiled, event), true, JSON.stringify(event));
    for (const event of no) assert.equal(matches(compiled, event), false, JSON.stringify(event));
  });
}

interface Difference {
  readonly name: string;
  readonly reason: string;
  readonly pattern: object;
  readonly event: object;
  /**
   * The result of Apache RocketMQ EventBridge, according to its code in common/…/tools/pattern. Sluice's result
   * differs.
   */
  readonly rocketmq: boolean | 'refused';
  readonly sluice: boolean | 'refused';
}

const differences: readonly Difference[] = [
  {
    name: 'contains',
    reason: 'documented, but not in RocketMQ',
    pattern: { source: [{ contains: 's.o' }] },
    ...{ event: oss, rocketmq: 'refused', sluice: true },
  },
  {
    name: 'a number in another notation',
    reason:
      'Sluice parses numbers before it compares them; the documentation no longer says that it compares their text',
    pattern: { data: { scope: [JSON.parse('1.0e2')] } },
    ...{ event: oss, rocketmq: false, sluice: true },
  },
  ...['10.0.0.0', '10.0.0.255'].map((address) => ({
    name: `${address} in 10.0.0.0/24`,
    reason: 'the documentation includes the address; RocketMQ excludes the first and last of the block',
    pattern: { data: { ip: [{ cidr: '10.0.0.0/24' }] } },
    ...{ event: withData({ ip: address }), rocketmq: false, sluice: true },
  })),
  {
    name: 'exists false for a field of data, in an event without data',
    reason: 'in the documentation the field does not exist in the event',
    pattern: { data: { state: [{ exists: false }] } },
    ...{ event: { id: '1', source: 'acs.oss', type: 't' }, rocketmq: false, sluice: true },
  },
  {
    name: 'a key with a dot',
    reason:
      'in the documentation, a pattern has the structure of the event; RocketMQ reads the dot as a path',
    pattern: { data: { 'a.b': [1] } },
    ...{ event: withData({ 'a.b': 1 }), rocketmq: false, sluice: true },
  },
  {
    name: 'an extension unknown to Alibaba Cloud',
    reason: 'CloudEvents allows any extension; RocketMQ allows only those in its list',
    pattern: { adcode: ['110000'] },
    ...{ event: withAttributes({ adcode: '110000' }), rocketmq: 'refused', sluice: true },
  },
  {
    name: 'anything but an empty list',
    reason: 'undocumented, and a mistake: it matches every present field',
    pattern: { source: [{ 'anything-but': [] }] },
    ...{ event: oss, rocketmq: true, sluice: 'refused' },
  },
];

for (const { name, reason, pattern, event, rocketmq, sluice } of differences) {
  test(`differs from RocketMQ (${rocketmq}): ${name} gives ${sluice}: ${reason}`, () => {
    assert.notEqual(sluice, rocketmq);
    if (sluice === 'refused') assert.throws(() => compilePattern(pattern), PatternError);
    else assert.equal(matches(compilePattern(pattern), event), sluice);
  });
}
