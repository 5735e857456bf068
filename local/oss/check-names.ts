import { OssError } from './oss-error.ts';

const MAX_KEY_BYTES = 1023;

/**
 * Throws InvalidBucketName unless OSS accepts the name: 3 to 63 characters of a-z, 0-9 and hyphens. A hyphen may not
 * be first or last.
 */
export function checkBucketName(bucket: string): void {
  if (!/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(bucket)) {
    throw new OssError('InvalidBucketName', 'The specified bucket is not valid.', { BucketName: bucket });
  }
}

/** Throws InvalidObjectName unless OSS accepts the key: 1 to 1023 bytes of UTF-8, no leading slash or backslash. */
export function checkKey(key: string): void {
  const bytes = Buffer.byteLength(key);
  if (bytes < 1 || bytes > MAX_KEY_BYTES || key.startsWith('/') || key.startsWith('\\')) {
    throw new OssError('InvalidObjectName', 'The specified object is not valid.', { ObjectName: key });
  }
}
