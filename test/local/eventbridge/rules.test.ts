import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { matches } from '../../../domain/event-pattern.ts';
import { objectEvent } from '../../../local/eventbridge/object-event.ts';
import { defaultRulesPath, readRules } from '../../../local/eventbridge/rules.ts';
import type { ChangeName } from '../../../local/oss/object-change.ts';
import { temporaryDirectory } from '../local-cloud.ts';

const event = (name: ChangeName, bucket: string, key: string) =>
  objectEvent(
    {
      name,
      bucket,
      key,
      id: 'R',
      requestId: 'R',
      sourceIp: '127.0.0.1',
      timeMs: 0,
      etag: 'E',
      size: 1,
      deltaBytes: 1,
    },
    0,
  );

const rows: readonly (readonly [ChangeName, bucket: string, key: string, matches: boolean])[] = [
  ['PutObject', 'eb-ask', 'zip/demo.zip', true],
  ['PutObject', 'eb-ask', 'zip/a/b/DEMO.ZIP', true],
  ['CopyObject', 'eb-ask', 'zip/demo.zip', true],
  ['CompleteMultipartUpload', 'eb-ask', 'zip/demo.zip', true],
  ['InitiateMultipartUpload', 'eb-ask', 'zip/demo.zip', false],
  ['UploadPart', 'eb-ask', 'zip/demo.zip', false],
  ['UploadPartCopy', 'eb-ask', 'zip/demo.zip', false],
  ['DeleteObject', 'eb-ask', 'zip/demo.zip', false],
  ['AbortMultipartUpload', 'eb-ask', 'zip/demo.zip', false],
  ['PutObject', 'other', 'zip/demo.zip', false],
  ['PutObject', 'eb-ask', 'unzip/demo.zip', false],
  ['PutObject', 'eb-ask', 'zip/demo.txt', false],
];

test('the packaged rule matches complete zip objects in zip/, and no events of unfinished uploads', () => {
  const rule = readRules(defaultRulesPath()).find(({ name }) => name === 'unzip');
  assert.ok(rule !== undefined);
  assert.deepEqual([rule.name, rule.target], ['unzip', '/unzip']);
  for (const [name, bucket, key, expected] of rows) {
    assert.equal(matches(rule.pattern, event(name, bucket, key)), expected, `${name} ${bucket}/${key}`);
  }
});

const mistakes: readonly (readonly [name: string, text: string, message: RegExp])[] = [
  ['no JSON', '{', /cannot read the rules file .*rules\.json/],
  ['no rules', '{}', /rules\.json: rules is missing; allowed: a list of rules/],
  ['no name', '{"rules":[{"pattern":{},"target":"/x"}]}', /rules\[0\]\.name is missing; allowed: a text/],
  ['no target', '{"rules":[{"name":"a","pattern":{}}]}', /rules\[0\]\.target is missing; allowed: a path/],
  [
    'no pattern',
    '{"rules":[{"name":"a","target":"/x"}]}',
    /rules\[0\]\.pattern is missing; allowed: an object/,
  ],
  [
    'a wrong pattern',
    '{"rules":[{"name":"a","target":"/x","pattern":{"source":[]}}]}',
    /rules\[0\]\.pattern\.source: the array/,
  ],
  [
    'two rules with one name',
    '{"rules":[{"name":"a","target":"/x","pattern":{}},{"name":"a","target":"/x","pattern":{}}]}',
    /rules\[1\]\.name: a is used more than once/,
  ],
];

test('a mistake in a rules file gets one sentence with its position', async (t) => {
  const path = join(await temporaryDirectory(t), 'rules.json');
  for (const [name, text, message] of mistakes) {
    await writeFile(path, text);
    assert.throws(() => readRules(path), message, name);
  }
});
