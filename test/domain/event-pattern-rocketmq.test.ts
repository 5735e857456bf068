/**
 * The cases of Apache RocketMQ EventBridge's PatternEvaluatorTest (common/src/test/…/tools/pattern) and the valid
 * patterns of its PatternEvaluatorBuilderTest, rewritten, with their results.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matches } from '../../domain/event-pattern.ts';
import { compilePattern } from '../support/compile-pattern.ts';

interface Case {
  readonly name: string;
  readonly pattern: object;
  readonly yes?: readonly object[];
  readonly no?: readonly object[];
}

const ecs = { source: ['acs.ecs'] };
const withData = (data: object) => ({ source: 'acs.ecs', data });

/** A case whose pattern has one field of data. */
const ofData = (name: string, field: string, items: unknown[], yes: unknown[], no: unknown[]): Case => ({
  name,
  pattern: { ...ecs, data: { [field]: items } },
  yes: yes.map((value) => withData({ [field]: value })),
  no: no.map((value) => withData({ [field]: value })),
});

const complex = {
  time: [{ prefix: '2020-08-15' }],
  source: ['acs.ecs', 'acs.fc'],
  data: {
    state: [{ 'anything-but': 'initializing' }],
    'c-count': [{ numeric: ['>', 0, '<=', 5] }],
    'd-count': [{ numeric: ['<', 10] }],
    'x-limit': [{ 'anything-but': [100, 200, 300] }],
    'prod-type': ['rmq', 'kafka', 'mqtt'],
  },
};
const complexData = {
  state: 'terminated',
  'c-count': 3.12,
  'd-count': 5,
  'x-limit': 120,
  'prod-type': ['kafka', 'eventbridge'],
  'other-fields': { 'second-level': { 'third-array': ['a', 'b', 'c', 'd'] } },
};

const cases: readonly Case[] = [
  {
    name: 'the empty pattern',
    pattern: {},
    yes: [{ source: 'acs.aliyuncvc' }, { aliyuneventbusname: 'demo-bus' }, { data: { anyKey: 'anyValue' } }],
  },
  {
    name: 'a text',
    pattern: { source: ['acs.aliyuncvc'] },
    yes: [{ source: 'acs.aliyuncvc' }],
    no: [{ source: 'acs.ecs' }],
  },
  {
    name: 'one of two strings',
    pattern: { source: ['acs.aliyuncvc', 'acs.ecs'] },
    yes: [{ source: 'acs.ecs' }],
  },
  {
    name: 'an Alibaba Cloud extension',
    pattern: { aliyunregionid: ['cn-hangzhou'] },
    yes: [{ aliyunregionid: 'cn-hangzhou' }],
    no: [{ aliyunregionid: 'cn-beijing' }],
  },
  {
    name: 'numbers, one of them nested',
    pattern: { ...ecs, data: { 'risk-score': [80, 20.5], trigger: { risk: [9.2, 8] } } },
    yes: [withData({ 'risk-score': 80, trigger: { risk: 8 } })],
    no: [withData({ 'risk-score': 80, trigger: { risk: 8.2 } })],
  },
  {
    name: 'three attributes, all required',
    pattern: { ...ecs, subject: ['sub-value'], type: ['type-value'] },
    yes: [{ source: 'acs.ecs', subject: 'sub-value', type: 'type-value' }],
    no: [{ source: 'acs.ecs' }, { source: 'acs.ecs', subject: 'sub-value' }],
  },
  {
    name: 'another nesting',
    pattern: { ...ecs, data: { 'risk-score': [80], trigger: { risk: [8] } } },
    no: [withData({ 'risk-score': 80, risk: 8 })],
  },
  {
    name: 'everything at once',
    pattern: complex,
    yes: [{ source: 'acs.ecs', time: '2020-08-15T18:23:00Z', data: complexData }],
    no: [{ source: 'acs.ecs', data: complexData }],
  },
  { name: 'the empty string', pattern: { subject: [''] }, yes: [{ subject: '' }] },
  ofData('null', 'risk-score', [null], [null], ['null']),
  ofData(
    'an array with one element in common',
    'instance-list',
    ['instance1', 'instance2', 'instance3'],
    [['instance4', 'instance3']],
    [['instance4', 'instance5']],
  ),
  {
    name: 'a prefix',
    pattern: { time: [{ prefix: '2020-08-17' }] },
    yes: [{ time: '2020-08-17T18:23:00' }],
    no: [{ time: '2020-08-18T18:23:00' }],
  },
  {
    name: 'a suffix',
    pattern: { time: [{ suffix: '23:00' }] },
    yes: [{ time: '2020-08-17T18:23:00' }],
    no: [{ time: '2020-08-17T18:23:06' }],
  },
  ofData('anything but a string', 'state', [{ 'anything-but': 'stopped' }], ['started'], ['stopped']),
  ofData(
    'anything but a list',
    'state',
    [{ 'anything-but': ['stopped', 'started'] }],
    ['initializing'],
    ['started', 'stopped'],
  ),
  ofData(
    'anything but a prefix',
    'state',
    [{ 'anything-but': { prefix: 'ini' } }],
    ['started'],
    ['initializing'],
  ),
  ofData(
    'an address block',
    'ipv4',
    [{ cidr: '10.0.0.0/24' }],
    ['10.0.0.251'],
    ['10.0.2.251', '10.0.0.1234'],
  ),
  ofData('one address', 'ipv4', [{ cidr: '10.0.0.1' }], ['10.0.0.1'], ['10.0.0.251']),
  {
    name: 'a field that must exist',
    pattern: { data: { state: [{ exists: true }] } },
    yes: [{ data: { state: 'started' } }],
    no: [{ data: { 'other-state': 'stopped' } }],
  },
  {
    name: 'a field that must not exist',
    pattern: { data: { state: [{ exists: false }] } },
    yes: [{ data: { 'other-state': 'stopped' } }],
    no: [{ data: { state: 'started' } }],
  },
  ofData('greater', 'c-count', [{ numeric: ['>', 120] }], [122], [110]),
  ofData('greater than or equal', 'c-count', [{ numeric: ['>=', 120] }], [120], []),
  ofData('less', 'c-count', [{ numeric: ['<', 120] }], [119], [120]),
  ofData('less than or equal', 'c-count', [{ numeric: ['<=', 120] }], [120], []),
  ofData('equal within a ten-millionth', 'c-count', [{ numeric: ['=', 1.1234567] }], [1.12345678], []),
  ofData('unequal by a millionth', 'c-count', [{ numeric: ['!=', 1.123455] }], [1.123456], []),
  {
    name: 'a pattern with the conditions of several other tests',
    pattern: {
      source: ['acs.oss'],
      type: ['oss:ObjectCreated:PostObject', 'oss:ObjectCreated:CompleteMultipartUpload'],
      subject: [{ prefix: 'acs:oss:cn-shanghai:1646030314736845:a-bucket/' }],
    },
    yes: [
      {
        source: 'acs.oss',
        type: 'oss:ObjectCreated:PostObject',
        subject: 'acs:oss:cn-shanghai:1646030314736845:a-bucket/a.jpg',
      },
    ],
  },
];

for (const { name, pattern, yes = [], no = [] } of cases) {
  test(`RocketMQ: ${name}`, () => {
    const compiled = compilePattern(pattern);
    for (const event of yes) assert.equal(matches(compiled, event), true, JSON.stringify(event));
    for (const event of no) assert.equal(matches(compiled, event), false, JSON.stringify(event));
  });
}

test('RocketMQ: parses a pattern of every kind into its fields and conditions', () => {
  const { fields } = compilePattern({
    source: ['mq', 'ecs', 123],
    aliyunregionid: ['cn-hangzhou', { prefix: 'cn-' }],
    data: {
      'c-count': {
        'd-count': [{ numeric: ['>', 10] }],
        but: [{ 'anything-but': 'started' }],
        'e-count': { 'f-count': [{ exists: false }] },
      },
      prefix: [{ prefix: 'aliyun-' }],
      suffix: [{ suffix: '-eventbridge' }],
    },
  });
  assert.deepEqual(
    fields.map(({ path, conditions }) => [path, conditions.length]),
    [
      ['source', 3],
      ['aliyunregionid', 2],
      ['data.c-count.d-count', 1],
      ['data.c-count.but', 1],
      ['data.c-count.e-count.f-count', 1],
      ['data.prefix', 1],
      ['data.suffix', 1],
    ],
  );
});
