import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { workflowTypes } from '../../domain/temporal-contract.ts';

const histories = fileURLToPath(new URL('../../../test/histories/', import.meta.url));
const bundle = fileURLToPath(new URL('../../workflow-bundle.js', import.meta.url));
Runtime.install({ logger: new DefaultLogger('ERROR') });

const files = readdirSync(histories).filter((name) => name.endsWith('.json'));

test('the folder test/histories has a recorded history of every workflow type', () => {
  for (const type of Object.values(workflowTypes)) {
    const prefix = type.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    assert.ok(
      files.some((name) => name.startsWith(prefix)),
      type,
    );
  }
});

for (const name of files) {
  test(`replays the recorded run ${name.replace('.json', '')} with the current workflow code`, async () => {
    const history = JSON.parse(readFileSync(`${histories}${name}`, 'utf8'));
    await Worker.runReplayHistory({ workflowBundle: { codePath: bundle } }, history);
  });
}

test('package-lock.json has exactly one copy of protobufjs 8, which is necessary to replay recorded histories', () => {
  const lock = JSON.parse(readFileSync(new URL('../../../package-lock.json', import.meta.url), 'utf8'));
  const copies = Object.entries(lock.packages as Record<string, { version: string }>)
    .filter(([path, { version }]) => path.endsWith('node_modules/protobufjs') && version.startsWith('8.'))
    .map(([path]) => path);
  assert.deepEqual(copies, ['node_modules/protobufjs']);
});
