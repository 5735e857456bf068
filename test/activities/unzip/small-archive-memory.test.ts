import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { SmallArchiveMemory } from '../../../activities/unzip/small-archive-memory.ts';

const MIB = 1024 * 1024;
const OVERHEAD = 64 * 1024;
const never = new AbortController().signal;

/** Work that ends when the test says so. */
function openWork<T>() {
  let end = (_: T): void => {};
  let fail = (_: Error): void => {};
  const done = new Promise<T>((resolve, reject) => {
    end = resolve;
    fail = reject;
  });
  return { run: () => done, end, fail };
}

/** Starts work and returns whether it has begun. */
function begin(memory: SmallArchiveMemory, size: number, signal = never) {
  const work = openWork<string>();
  let began = false;
  const result = memory.withArchive(
    size,
    () => {
      began = true;
      return work.run();
    },
    signal,
  );
  result.catch(() => {});
  const hasBegun = async (): Promise<boolean> => {
    await setImmediate();
    return began;
  };
  return { ...work, result, began: hasBegun };
}

test('archives that fit together are in memory together, and an archive with one byte too many waits', async () => {
  const memory = new SmallArchiveMemory(10 * MIB, 4 * MIB + 2 * OVERHEAD);
  const first = begin(memory, 2 * MIB);
  const second = begin(memory, 2 * MIB);
  assert.equal(await second.began(), true);
  const third = begin(memory, 1);
  assert.equal(await third.began(), false);
  first.end('');
  assert.equal(await third.began(), true);

  const tight = new SmallArchiveMemory(10 * MIB, 4 * MIB + 2 * OVERHEAD);
  begin(tight, 2 * MIB);
  assert.equal(await begin(tight, 2 * MIB + 1).began(), false);
});

test('when the work on an archive fails, its memory is released', async () => {
  const memory = new SmallArchiveMemory(10 * MIB, MIB);
  const first = begin(memory, 2 * MIB);
  const second = begin(memory, 2 * MIB);
  assert.equal(await second.began(), false);
  first.fail(new Error('failed'));
  await assert.rejects(first.result, /failed/);
  assert.equal(await second.began(), true);
});

test('an archive that stops waiting does not block the next archive', async () => {
  const memory = new SmallArchiveMemory(10 * MIB, 2 * MIB);
  const first = begin(memory, MIB);
  const abort = new AbortController();
  const large = begin(memory, 2 * MIB, abort.signal);
  const behind = begin(memory, MIB / 2);
  assert.equal(await behind.began(), false);
  abort.abort(new Error('cancelled'));
  await assert.rejects(large.result, /cancelled/);
  assert.equal(await behind.began(), true);
  first.end('');
});

test('content waits for memory until other content has been used', async () => {
  const memory = new SmallArchiveMemory(MIB, MIB, 100);
  const first = openWork<void>();
  void memory.withContent(60, first.run, never);
  let began = false;
  const second = memory.withContent(
    41,
    async () => {
      began = true;
    },
    never,
  );
  await setImmediate();
  assert.equal(began, false);
  first.end();
  await second;
});

test('a large buffer is used again after success, and not after a failure, because a request may still use it', async () => {
  const memory = new SmallArchiveMemory(4 * MIB);
  const bufferOf = (size: number, fails = false): Promise<ArrayBufferLike> => {
    let used: ArrayBufferLike | undefined;
    return memory
      .withArchive(
        size,
        async (buffer) => {
          assert.equal(buffer.length, size);
          used = buffer.buffer;
          if (fails) throw new Error('failed');
        },
        never,
      )
      .then(
        () => used ?? assert.fail(),
        () => used ?? assert.fail(),
      );
  };
  const first = await bufferOf(MIB);
  assert.equal(await bufferOf(3 * MIB), first);
  assert.equal(await bufferOf(MIB, true), first);
  assert.notEqual(await bufferOf(MIB), first);
});

test('two archives at the same time never share a buffer', async () => {
  const memory = new SmallArchiveMemory(4 * MIB);
  const buffers: Buffer[] = [];
  const both = [1, 2].map(() =>
    memory.withArchive(
      MIB,
      async (buffer) => {
        buffers.push(buffer);
        await setImmediate();
      },
      never,
    ),
  );
  await Promise.all(both);
  assert.notEqual(buffers[0]?.buffer, buffers[1]?.buffer);
});

test('garbage is collected after every 4 MiB of used content, and not before', (t) => {
  const collections: unknown[] = [];
  const withGc = globalThis as { gc?: unknown };
  const { gc } = withGc;
  t.after(() => {
    withGc.gc = gc;
  });
  withGc.gc = (options: unknown) => void collections.push(options);
  const memory = new SmallArchiveMemory(MIB);
  const collectionsAfter = (size: number): number => {
    memory.noteUnneeded(size);
    return collections.length;
  };
  assert.equal(collectionsAfter(4 * MIB - 1), 0);
  assert.equal(collectionsAfter(1), 1);
  assert.equal(collectionsAfter(4 * MIB - 1), 1);
  assert.equal(collectionsAfter(1), 2);
  assert.deepEqual(collections, [{ type: 'minor' }, { type: 'minor' }]);
});
