import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ScratchSpace } from '../../../activities/unzip/scratch-space.ts';
import { Unavailable } from '../../../domain/errors.ts';

async function folder(t: TestContext): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'sluice-scratch-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  return root;
}

const never = new AbortController().signal;
const isFull = (text: RegExp) => (error: unknown) =>
  error instanceof Unavailable && error.type === 'ScratchFull' && text.test(error.message);

test('rejects a part that does not fit on the disk, and releases its slot', async (t) => {
  const scratch = new ScratchSpace({ root: await folder(t), queue: 'q', slots: 1 });
  const huge = scratch.reserve('run', '0-0', 2 ** 50, never);
  await assert.rejects(
    huge,
    isFull(
      /bytes free, but a part needs 1125899906842624; free some space, or set SLUICE_SCRATCH to another disk/,
    ),
  );
  await scratch.reserve('run', '1-0', 1, never);
});

test('reports an unusable scratch folder, and takes no slot', async (t) => {
  const file = join(await folder(t), 'a-file');
  await writeFile(file, '');
  const scratch = new ScratchSpace({ root: file, queue: 'q', slots: 1 });
  for (const name of ['0-0', '1-0']) {
    await assert.rejects(
      scratch.reserve('run', name, 1, never),
      isFull(/cannot be used \(ENOTDIR\); set SLUICE_SCRATCH/),
    );
  }
});

test('lets a part wait for a slot until another part is done', async (t) => {
  const scratch = new ScratchSpace({ root: await folder(t), queue: 'q', slots: 1 });
  await scratch.reserve('run', '0-0', 1, never);
  let isWaiting = true;
  const second = scratch.reserve('run', '1-0', 1, never).then(() => {
    isWaiting = false;
  });
  await scratch.reserve('run', '0-0', 1, never);
  assert.equal(isWaiting, true, 'a part keeps its slot while the other one waits');
  await scratch.release('run', '0-0', []);
  await second;
});

test('stops waiting for a slot when the activity is cancelled', async (t) => {
  const scratch = new ScratchSpace({ root: await folder(t), queue: 'q', slots: 1 });
  await scratch.reserve('run', '0-0', 1, never);
  const cancel = new AbortController();
  const second = scratch.reserve('run', '1-0', 1, cancel.signal);
  cancel.abort(new Error('cancelled'));
  await assert.rejects(second, /cancelled/);
});

test('deletes only the files of a part when the part is released', async (t) => {
  const scratch = new ScratchSpace({ root: await folder(t), queue: 'q', slots: 2 });
  for (const name of ['1-0', '11-0']) {
    await scratch.reserve('run', name, 1, never);
    await scratch.write('run', `${name}.pack`, Buffer.from('x'));
  }
  await scratch.releaseAll('run', '1-0');
  assert.equal(existsSync(scratch.path('run', '1-0.pack')), false);
  assert.equal(existsSync(scratch.path('run', '11-0.pack')), true);
});
