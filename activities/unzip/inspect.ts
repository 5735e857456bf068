import { InvalidInput } from '../../domain/errors.ts';
import { type Archive, archiveLabel, type UnzipObjectInput } from '../../domain/unzip/archive.ts';
import { archiveKeysOf, destinationWorkflowId } from '../../domain/unzip/archive-key.ts';
import { smallLimits } from '../../domain/unzip/limits.ts';
import { readNameOptions } from '../../domain/unzip/name-options.ts';
import type { ObjectHead } from '../../ports/object-store.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { UnzipDeps } from './unzip-deps.ts';

/** The result of inspecting the object of an event. */
export type InspectResult =
  | { readonly outcome: 'ignored' | 'superseded'; readonly note: string }
  | { readonly outcome: 'archive'; readonly archive: Archive; readonly workflowId: string };

/** Inspects the current object. `etag` is the version that the event names; absent if the event names none. */
export async function inspect(
  { store }: UnzipDeps,
  { bucket, key, etag, ...options }: UnzipObjectInput,
): Promise<InspectResult> {
  checkInput({ bucket, key, etag });
  const keys = archiveKeysOf(bucket, key);
  if (keys === undefined) return { outcome: 'ignored', note: `${key} is not an archive under zip/` };
  const current = await withHeartbeat(
    () => 'reading the metadata of the object',
    (signal) => store.head({ bucket, key }, signal),
  );
  if (current === undefined)
    return { outcome: 'superseded', note: `oss://${bucket}/${key} does not exist any more` };
  const expectedEtag = etag?.replaceAll('"', '').toUpperCase();
  if (expectedEtag !== undefined && expectedEtag !== '' && expectedEtag !== current.etag) {
    const note = `oss://${bucket}/${key} now has version ${current.etag}, but the event is about ${expectedEtag}`;
    return { outcome: 'superseded', note };
  }
  return {
    outcome: 'archive',
    archive: {
      bucket,
      key,
      etag: current.etag,
      size: current.size,
      ...keys,
      ...nameOptionsOf(options, current),
      ...(current.size <= smallLimits.packedBytes ? { small: true } : {}),
    },
    workflowId: destinationWorkflowId({ bucket, ...keys }),
  };
}

/** Combines the options of the route's input and of the object's metadata. The metadata has priority. */
function nameOptionsOf(
  options: Pick<UnzipObjectInput, 'charsets' | 'unsafe'>,
  { metadata, ...ref }: ObjectHead,
): Pick<Archive, 'names'> {
  const subject = archiveLabel(ref);
  const names = {
    ...readNameOptions(options, { subject, charsets: "the route's charsets", unsafe: "the route's unsafe" }),
    ...readNameOptions(
      { charsets: metadata['sluice-charsets'], unsafe: metadata['sluice-unsafe'] },
      { subject, charsets: 'x-oss-meta-sluice-charsets', unsafe: 'x-oss-meta-sluice-unsafe' },
    ),
  };
  return Object.keys(names).length === 0 ? {} : { names };
}

/** Source: "Bucket naming conventions" in the OSS documentation. */
const BUCKET_NAME = /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/;

/** Checks the untrusted input from the event. Invalid input fails the workflow at once, with the reason. */
function checkInput({ bucket, key, etag }: { [K in keyof UnzipObjectInput]?: unknown }): void {
  const refuse = (what: string, value: unknown, allowed: string): never => {
    const shown = (JSON.stringify(value) ?? 'missing').slice(0, 100);
    throw new InvalidInput('BadInput', `${what} must be ${allowed}, but is ${shown}`);
  };
  if (typeof bucket !== 'string' || !BUCKET_NAME.test(bucket)) refuse('bucket', bucket, 'a bucket name');
  if (typeof key !== 'string' || key === '') refuse('key', key, 'an object key');
  if (etag !== undefined && etag !== null && typeof etag !== 'string') refuse('etag', etag, 'a string');
}
