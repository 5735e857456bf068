import assert from 'node:assert/strict';
import { InvalidInput } from '../../../domain/errors.ts';
import { type FoundDirectory, findDirectory } from '../../../domain/zip/find-directory.ts';

/** Finds the directory of a file in memory. Fails if it reads bytes outside the file. */
export function find(zip: Buffer): Promise<FoundDirectory> {
  const read = async (start: number, end: number): Promise<Buffer> => {
    assert.ok(start >= 0 && start <= end && end <= zip.length, `reads ${start} to ${end} of ${zip.length}`);
    return zip.subarray(start, end);
  };
  return findDirectory({ size: zip.length, read }, { subject: 's', maxDirectoryBytes: 10_000 });
}

/** Checks that the file is rejected with this type and this end of the message. */
export async function rejects(zip: Buffer, type: string, why: string | RegExp): Promise<void> {
  await assert.rejects(find(zip), (error) => {
    assert.ok(error instanceof InvalidInput, String(error));
    assert.equal(error.type, type, error.message);
    if (typeof why === 'string') assert.equal(error.message, `s: ${why}`);
    else assert.match(error.message, why);
    return true;
  });
}
