import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadScript } from './load.ts';

const { createSteps, duration, StepFailed } = await loadScript('steps');

function screen({ isTTY = false } = {}) {
  const written: string[] = [];
  return {
    out: { write: (text: string) => written.push(text), isTTY, columns: 60, hasColors: () => false },
    written,
  };
}

for (const [ms, text] of [
  [0, '0 ms'],
  [99, '99 ms'],
  [150, '0.1 s'],
  [1_240, '1.2 s'],
  [9_940, '9.9 s'],
  [12_400, '12 s'],
  [201_000, '3 min 21 s'],
] as const) {
  test(`${ms} ms is shown as ${text}`, () => assert.equal(duration(ms), text));
}

test('a step is one line with its note', async () => {
  const { out, written } = screen();
  const answer = await createSteps(out).step(
    'build',
    async () => 42,
    (result) => `made ${result}`,
  );
  assert.equal(answer, 42);
  assert.deepEqual(written, ['✓ build          made 42\n']);
});

test('without a terminal, a repeated progress text of a step is one plain line', async () => {
  const { out, written } = screen();
  await createSteps(out).step(
    'build',
    async (progress) => {
      progress('tsc');
      progress('tsc');
    },
    () => 'done',
  );
  assert.deepEqual(written, ['… build          tsc\n', '✓ build          done\n']);
});

test('on a terminal, the live line is erased before the result', async () => {
  const { out, written } = screen({ isTTY: true });
  await createSteps(out).step(
    'build',
    async () => {},
    () => 'done',
  );
  assert.deepEqual(written, ['\r\u001b[2K', '✓ build          done\n']);
});

test('a failed step shows its message, the last output and what to do', async () => {
  const { out, written } = screen();
  const failure = Object.assign(new Error('npm ci ended with exit code 1'), {
    outputLines: ['no network'],
    remedy: 'try again',
  });
  const failed = createSteps(out).step('dependencies', () => Promise.reject(failure));
  await assert.rejects(failed, (error) => error instanceof StepFailed && error.cause === failure);
  assert.match(written[0] ?? '', /^✗ dependencies {3}\d+ ms\n$/);
  assert.deepEqual(written.slice(1), [
    '    npm ci ended with exit code 1\n',
    '    | no network\n',
    '    → try again\n',
  ]);
});
