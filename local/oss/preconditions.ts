import { OssError } from './oss-error.ts';
import { header, type OssRequest } from './request.ts';
import type { StoredObject } from './storage/records.ts';

/**
 * Checks the four conditional headers and throws PreconditionFailed or NotModified. The names of these headers begin
 * with `prefix`, which is `x-oss-copy-source-` for the object that a copy reads. A condition on the ETag overrides
 * the one on the date.
 */
export function checkPreconditions(request: OssRequest, object: StoredObject, prefix = ''): void {
  const match = header(request, `${prefix}if-match`);
  const unmodified = header(request, `${prefix}if-unmodified-since`);
  if (
    match !== undefined
      ? !matchesEtag(match, object)
      : unmodified !== undefined && modifiedAfter(object, unmodified)
  ) {
    const condition = match !== undefined ? 'If-Match' : 'If-Unmodified-Since';
    throw new OssError(
      'PreconditionFailed',
      'At least one of the pre-conditions you specified did not hold.',
      {
        Condition: condition,
      },
    );
  }
  const noneMatch = header(request, `${prefix}if-none-match`);
  const modified = header(request, `${prefix}if-modified-since`);
  const same =
    noneMatch !== undefined
      ? matchesEtag(noneMatch, object)
      : modified !== undefined && !Number.isNaN(Date.parse(modified)) && !modifiedAfter(object, modified);
  if (same) throw new OssError('NotModified', 'The object was not modified.', { ETag: object.etag });
}

/** True if a list of ETags, quoted or not, contains `*` or the object's ETag. Case-insensitive, as in OSS. */
function matchesEtag(tags: string, object: StoredObject): boolean {
  return tags.split(',').some((tag) => {
    const bare = tag.trim().replace(/^W\//, '').replaceAll('"', '');
    return bare === '*' || bare.toUpperCase() === object.etag;
  });
}

/** Compares whole seconds, because HTTP dates have no fractions. */
function modifiedAfter(object: StoredObject, date: string): boolean {
  return Math.floor(object.modifiedMs / 1000) * 1000 > Date.parse(date);
}
