import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ZipEntry } from '../../support/zip-writer.ts';
import { planOf } from './plan-of.ts';

/** Planning takes some tenths of a second of processor time. If its time grew faster than the size, it would take much longer. */
const MAX_MS = 5_000;

const manyFields = (): Buffer => {
  const field = Buffer.from('75700600010000000061', 'hex');
  return Buffer.concat(Array.from({ length: 6_500 }, () => field));
};

const many = (count: number, entry: (at: number) => ZipEntry): ZipEntry[] =>
  Array.from({ length: count }, (_, at) => entry(at));

const hostile: readonly (readonly [what: string, entries: () => ZipEntry[], type: string])[] = [
  [
    '4 MB of names without a valid byte',
    () => many(65, (at) => ({ name: Buffer.from([...Buffer.alloc(60_000, 0xff), at]) })),
    'NameTooLong',
  ],
  [
    '100,000 short names with an invalid byte',
    () =>
      many(100_000, (at) => ({
        name: Buffer.concat([Buffer.from(`../${at}`), Buffer.from([0xff])]),
        method: 0,
      })),
    'UnsafeName',
  ],
  [
    '6,500 Unicode fields for each of 60 long names',
    () =>
      many(60, (at) => ({
        name: Buffer.concat([Buffer.alloc(60_000, 0x78), Buffer.from(`${at}`)]),
        extra: manyFields(),
      })),
    'NameTooLong',
  ],
  [
    '60 folders, each in 30,000 folders',
    () => many(60, (at) => ({ name: `${at}/${'a/'.repeat(30_000)}` })),
    'LimitExceeded',
  ],
];

for (const [what, entries, type] of hostile)
  test(`rejects an archive with ${what} soon`, () => {
    const archive = entries();
    const began = process.cpuUsage();
    assert.throws(() => planOf(archive), { type });
    // The elapsed time would also count other processes of a busy machine.
    const ms = process.cpuUsage(began).user / 1_000;
    assert.ok(ms < MAX_MS, `${ms} ms`);
  });
