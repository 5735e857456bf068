import { OssError } from './oss-error.ts';
import { header, type OssRequest } from './request.ts';
import type { StoredObject } from './storage/records.ts';

/**
 * Throws PreconditionFailed or NotModified as the four conditional headers demand, which for the source of a copy
 * begin with `x-oss-copy-source-`. A condition on the ETag comes before the one on the date that it belongs to.
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

/** Whether a list of entity tags, quoted or not, names the object's; upper and lower case are the same to OSS. */
function matchesEtag(tags: string, object: StoredObject): boolean {
  return tags.split(',').some((tag) => {
    const bare = tag.trim().replace(/^W\//, '').replaceAll('"', '');
    return bare === '*' || bare.toUpperCase() === object.etag;
  });
}

/** Dates in HTTP have whole seconds. */
function modifiedAfter(object: StoredObject, date: string): boolean {
  return Math.floor(object.modifiedMs / 1000) * 1000 > Date.parse(date);
}
