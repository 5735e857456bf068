import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { reloadedFile } from '../../runtime/reloaded-file.ts';
import { until } from '../support/until.ts';

const dir = mkdtempSync(join(tmpdir(), 'sluice-reloaded-'));
after(() => rmSync(dir, { recursive: true }));

let files = 0;
const newFile = (): string => join(dir, `file${files++}`);

/** Replaces the file atomically, as a platform does. */
function put(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

/** Parses a text. Throws if it contains `!`. */
function read(text: string | undefined): string {
  if (text === undefined) throw new Error('absent');
  if (text.includes('!')) throw new Error(`broken: ${text}`);
  return text;
}

test('reads a file again only after a change', async () => {
  const file = newFile();
  put(file, 'one');
  let reads = 0;
  const value = reloadedFile(file, {
    checkEveryMs: 0,
    parse(text) {
      reads++;
      return read(text);
    },
  });
  assert.equal(value(), 'one');
  assert.equal(value(), 'one');
  assert.equal(reads, 1);
  put(file, 'two');
  assert.equal(value(), 'two');
  assert.equal(reads, 2);
});

test('detects a replaced link, as with a mounted secret', () => {
  const file = newFile();
  for (const version of ['a', 'b']) {
    mkdirSync(join(dir, version));
    writeFileSync(join(dir, version, 'key'), version);
  }
  symlinkSync(join(dir, 'a', 'key'), file);
  const value = reloadedFile(file, { checkEveryMs: 0, parse: read });
  assert.equal(value(), 'a');
  symlinkSync(join(dir, 'b', 'key'), `${file}.new`);
  renameSync(`${file}.new`, file);
  assert.equal(value(), 'b');
});

test('checks the file at most once per interval', async () => {
  const file = newFile();
  put(file, 'one');
  const value = reloadedFile(file, { checkEveryMs: 300, parse: read });
  assert.equal(value(), 'one');
  const began = performance.now();
  put(file, 'two');
  await until('the file is read again', () => value() === 'two');
  assert.ok(performance.now() - began > 250);
});

test('keeps the last value while the file is absent or broken, and reports each problem once', () => {
  const file = newFile();
  put(file, 'one');
  const problems: string[] = [];
  const onProblem = (error: unknown): void => void problems.push((error as Error).message);
  const value = reloadedFile(file, { checkEveryMs: 0, parse: read, onProblem });
  assert.equal(value(), 'one');
  rmSync(file);
  assert.equal(value(), 'one');
  assert.equal(value(), 'one');
  assert.deepEqual(problems, ['absent']);
  put(file, 'two!');
  assert.equal(value(), 'one');
  assert.equal(value(), 'one');
  assert.deepEqual(problems, ['absent', 'broken: two!']);
  put(file, 'three');
  assert.equal(value(), 'three');
  put(file, 'two!');
  assert.equal(value(), 'three');
  assert.deepEqual(problems, ['absent', 'broken: two!', 'broken: two!']);
});

test('throws while there is no value yet, even with onProblem, until the file is valid', () => {
  const file = newFile();
  const value = reloadedFile(file, { checkEveryMs: 60_000, parse: read, onProblem: () => assert.fail() });
  assert.throws(value, /absent/);
  put(file, '!');
  assert.throws(value, /broken/);
  put(file, 'good');
  assert.equal(value(), 'good');
});

test('throws problems without onProblem, and returns the value when the file is valid again', () => {
  const file = newFile();
  put(file, 'one');
  const value = reloadedFile(file, { checkEveryMs: 0, parse: read });
  assert.equal(value(), 'one');
  put(file, '!');
  assert.throws(value, /broken/);
  put(file, 'two');
  assert.equal(value(), 'two');
});

test('parse may return a value for an absent file, and the file is read when it appears', () => {
  const file = newFile();
  const value = reloadedFile(file, { checkEveryMs: 0, parse: (text) => text ?? 'none' });
  assert.equal(value(), 'none');
  put(file, 'some');
  assert.equal(value(), 'some');
  rmSync(file);
  assert.equal(value(), 'none');
});

test('uses the caller’s initial value until the file changes', () => {
  const file = newFile();
  put(file, 'one');
  const value = reloadedFile(file, { checkEveryMs: 0, initialValue: 'as the caller read it', parse: read });
  assert.equal(value(), 'as the caller read it');
  put(file, 'two');
  assert.equal(value(), 'two');
});
