import { InvalidInput } from '../../domain/errors.ts';
import type { Archive, UnzipObjectInput } from '../../domain/unzip/archive.ts';
import { archiveKeysOf } from '../../domain/unzip/archive-key.ts';
import { toWorkflowId } from '../../domain/workflow-id.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { UnzipDeps } from './unzip-deps.ts';

/** What an event's object turns out to be, looked at now. */
export type InspectResult =
  | { readonly outcome: 'ignored' | 'superseded'; readonly note: string }
  | { readonly outcome: 'archive'; readonly archive: Archive; readonly workflowId: string };

/** Looks at the object as it is now; `etag` is the event's version, absent when the event told none. */
export async function inspect(
  { store }: UnzipDeps,
  { bucket, key, etag }: UnzipObjectInput,
): Promise<InspectResult> {
  checkInput({ bucket, key, etag });
  const place = archiveKeysOf(bucket, key);
  if (place === undefined) return { outcome: 'ignored', note: `${key} is no archive under zip/` };
  const current = await withHeartbeat(
    () => 'looking at the object',
    (signal) => store.head({ bucket, key }, signal),
  );
  if (current === undefined) return { outcome: 'superseded', note: `oss://${bucket}/${key} is gone` };
  const expectedEtag = etag?.replaceAll('"', '').toUpperCase();
  if (expectedEtag !== undefined && expectedEtag !== '' && expectedEtag !== current.etag) {
    const note = `oss://${bucket}/${key} is now version ${current.etag}, the event is about ${expectedEtag}`;
    return { outcome: 'superseded', note };
  }
  return {
    outcome: 'archive',
    archive: { bucket, key, etag: current.etag, size: current.size, ...place },
    workflowId: toWorkflowId(`unzip-into:${bucket}/${place.destination.slice(0, -1)}`),
  };
}

/** Source: OSS, "Bucket naming conventions". */
const BUCKET_NAME = /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/;

/** What an event says is anybody's text; a workflow that cannot be run ends at once, saying why. */
function checkInput({ bucket, key, etag }: { [K in keyof UnzipObjectInput]?: unknown }): void {
  const refuse = (what: string, value: unknown, allowed: string): never => {
    const shown = (JSON.stringify(value) ?? 'missing').slice(0, 100);
    throw new InvalidInput('BadInput', `${what} is ${shown}; allowed is ${allowed}`);
  };
  if (typeof bucket !== 'string' || !BUCKET_NAME.test(bucket))
    refuse('bucket', bucket, 'the name of a bucket');
  if (typeof key !== 'string' || key === '') refuse('key', key, 'the key of an object');
  if (etag !== undefined && etag !== null && typeof etag !== 'string') refuse('etag', etag, 'text');
}
