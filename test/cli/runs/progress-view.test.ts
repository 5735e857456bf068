import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProgressView, progressLine, progressOrReason } from '../../../cli/runs/run-progress.ts';

const half = { phase: 'parts', done: 5_000, total: 10_000, unit: 'files', failed: 0, note: '' };

for (const [why, progress, line] of [
  ['half done', half, `parts     ${'█'.repeat(15)}${'░'.repeat(15)}  50 %  5,000 of 10,000 files`],
  ['nothing known yet', { ...half, phase: 'plan', done: 0, total: 0 }, `plan      ${'░'.repeat(30)}   0 %`],
  [
    'done, with failures and a note',
    { ...half, phase: 'manifest', done: 10_000, failed: 2, note: '3 parts' },
    `manifest  ${'█'.repeat(30)} 100 %  10,000 of 10,000 files  2 failed  3 parts`,
  ],
  ['no worker answers', { phase: 'parts', waiting: 'no worker answers' }, 'parts     no worker answers'],
] as const) {
  test(`progress is shown: ${why}`, () => assert.equal(progressLine(progress), line));
}

test('without a terminal only changes are printed', () => {
  const written: string[] = [];
  const view = createProgressView({ write: (text) => written.push(text) });
  view.show(half, 1_000);
  view.show(half, 2_000);
  view.show({ ...half, done: 10_000 }, 3_000);
  view.end();
  assert.deepEqual(
    written.map((text) => text.trim().split('  ').at(-1)),
    ['5,000 of 10,000 files', '10,000 of 10,000 files'],
  );
});

test('texts of workflows cannot control the terminal', () => {
  const hostile = 'a\u001b]0;title\u0007\u009b31m\u202eb\nc';
  const line = progressLine({ phase: hostile, done: 1, total: 2, unit: hostile, failed: 0, note: hostile });
  assert.doesNotMatch(line, /[\p{Cc}\p{Cf}]/u);
  assert.doesNotMatch(progressLine({ phase: hostile, waiting: hostile }), /[\p{Cc}\p{Cf}]/u);
});

for (const [what, answer] of [
  ['nothing', null],
  ['a text', 'half'],
  ['a list', [half]],
  ['an object without the note', { ...half, note: undefined }],
  ['a text as number of done items', { ...half, done: '\u001b[2J' }],
  ['a text as total', { ...half, total: '10' }],
  ['a text as number of failed items', { ...half, failed: '1' }],
  ['a number as unit', { ...half, unit: 1 }],
] as const)
  test(`an answer of a workflow to the progress query is no progress if it is ${what}`, () => {
    assert.equal(progressOrReason(answer), 'the workflow does not report progress');
  });

test('an answer with all fields of a progress is progress, also if it has more fields', () => {
  const answer = { ...half, more: 1 };
  assert.equal(progressOrReason(answer), answer);
});
