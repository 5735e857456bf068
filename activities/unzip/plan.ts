import { InvalidInput } from '../../domain/errors.ts';
import { type Archive, archiveLabel, type UnzipPlan } from '../../domain/unzip/archive.ts';
import { ndjson, runObjectKeysOf } from '../../domain/unzip/run-object-keys.ts';
import { type DirectoryCandidate, directoryCandidates, TAIL_BYTES } from '../../domain/zip/directory-end.ts';
import { DIRECTORY_SIGNATURE } from '../../domain/zip/directory-record.ts';
import type { ByteRange, ObjectVersion } from '../../ports/object-store.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { planInThread } from './plan-in-thread.ts';
import type { UnzipDeps } from './unzip-deps.ts';

/** The size of the slices in which the directory is read. */
const SLICE_BYTES = 8 * 1024 * 1024;

interface PlanTask {
  readonly archive: Archive;
  readonly runId: string;
}

/**
 * Reads the end and the central directory of the archive with range requests, checks every entry, and splits the
 * archive into parts. Writes at most two run objects: the list of skipped entries, if there are any, and the sorted
 * directory, if the archive's own directory cannot be used.
 */
export function plan(deps: UnzipDeps, task: PlanTask): Promise<UnzipPlan> {
  let read = 0;
  return withHeartbeat(
    () => `read ${read} bytes of the directory`,
    (signal) =>
      readAndPlan(deps, task, signal, (bytes) => {
        read += bytes;
      }),
  );
}

async function readAndPlan(
  { store, limits, partLimits, charset }: UnzipDeps,
  { archive, runId }: PlanTask,
  signal: AbortSignal,
  onRead: (bytes: number) => void,
): Promise<UnzipPlan> {
  const subject = archiveLabel(archive);
  const slice = async (range: ByteRange): Promise<Buffer> => {
    if (range.end <= range.start) return Buffer.alloc(0);
    const bytes = Buffer.allocUnsafe(range.end - range.start);
    let filled = 0;
    for (let at = range.start; at < range.end; at += SLICE_BYTES) {
      const end = Math.min(at + SLICE_BYTES, range.end);
      for await (const chunk of store.read(archive, { start: at, end }, signal)) {
        filled += chunk.copy(bytes, filled);
        onRead(chunk.length);
      }
    }
    return bytes;
  };

  const tailAt = Math.max(0, archive.size - TAIL_BYTES);
  const tail = { at: tailAt, bytes: await slice({ start: tailAt, end: archive.size }) };
  const candidate = await findDirectory(directoryCandidates(tail), tail, slice);
  if (candidate === undefined) {
    throw new InvalidInput('NotAZip', `${subject}: it is not a zip archive, or its end is missing`);
  }
  if (candidate.length > limits.directoryBytes) {
    const why = `its central directory has ${candidate.length} bytes, but the limit is ${limits.directoryBytes}`;
    throw new InvalidInput('LimitExceeded', `${subject}: ${why}`);
  }
  const inTail = candidate.start >= tail.at;
  const directory = inTail
    ? tail.bytes.subarray(candidate.start - tail.at, candidate.start - tail.at + candidate.length)
    : await slice({ start: candidate.start, end: candidate.start + candidate.length });

  const { reordered, skipped, ...planned } = await planInThread(
    {
      ...{ subject, directory, candidate, limits, budget: partLimits, charset },
      base: archive.base,
      destination: archive.destination,
    },
    signal,
  );
  const runObjects = runObjectKeysOf(archive.runs, runId);
  if (skipped.length > 0)
    await store.put({ bucket: archive.bucket, key: runObjects.skipped }, ndjson(skipped), signal);
  const sortedDirectory =
    reordered &&
    (await putRunObject({ bucket: archive.bucket, key: runObjects.sortedDirectory, body: reordered }));
  const { key, etag, size } = sortedDirectory ?? archive;
  return {
    ...planned,
    shift: candidate.shift,
    skipped: skipped.length,
    directory: { key, etag, size, offset: sortedDirectory ? 0 : candidate.start },
  };

  async function putRunObject(runObject: {
    bucket: string;
    key: string;
    body: Buffer;
  }): Promise<ObjectVersion> {
    await store.put(runObject, runObject.body, signal);
    const version = await store.head(runObject, signal);
    if (version === undefined)
      throw new Error(`oss://${runObject.bucket}/${runObject.key} was deleted while the run needs it`);
    return version;
  }
}

/** Returns the first candidate whose offset really holds a central directory. */
async function findDirectory(
  candidates: Iterable<DirectoryCandidate>,
  tail: { at: number; bytes: Buffer },
  slice: (range: ByteRange) => Promise<Buffer>,
): Promise<DirectoryCandidate | undefined> {
  let readsOutsideTail = 0;
  for (const candidate of candidates) {
    if (candidate.length === 0) return candidate;
    const inTail = candidate.start - tail.at;
    const head =
      inTail >= 0
        ? tail.bytes.subarray(inTail, inTail + 4)
        : await slice({ start: candidate.start, end: candidate.start + 4 });
    if (head.length === 4 && head.readUInt32LE(0) === DIRECTORY_SIGNATURE) return candidate;
    // A malicious tail can hold thousands of candidates, and each check outside the tail costs a request.
    if (inTail < 0 && ++readsOutsideTail >= 16) return undefined;
  }
  return undefined;
}
