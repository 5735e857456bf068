import { checkBucketName, checkKey } from './check-names.ts';
import { OssError } from './oss-error.ts';

/** The target of a request. Without a bucket it is the account, without a key it is the bucket. */
export interface Address {
  readonly bucket: string;
  readonly key: string;
  readonly query: ReadonlyMap<string, string>;
}

/** True if a request is for the controls: `/-/…` in path style. No bucket can have the name `-`. */
export const isControlPath = (target: string, host: string | undefined): boolean =>
  target.startsWith('/-/') && bucketOfHost(host ?? '') === '';

/**
 * Reads bucket, key and query from the raw request target: path style on loopback names, virtual host style on
 * `<bucket>.localhost` and `<bucket>.oss-<region>.aliyuncs.com`. Keys are literal: dots have no special meaning.
 */
export function readAddress(target: string, host: string | undefined): Address {
  const origin = /^https?:\/\/[^/?]*/i.exec(target)?.[0] ?? '';
  const [path = '', ...rest] = target.slice(origin.length).split('?');
  if (!path.startsWith('/')) throw badTarget(target);
  const query = readQuery(rest.join('?'));
  const [bucket, key] = splitPath(path.slice(1), bucketOfHost(host ?? ''));
  if (bucket !== '') checkBucketName(bucket);
  if (key !== '') checkKey(key);
  return { bucket, key, query };
}

/** Returns the URL of an object, in path style or virtual host style as the request to `host`. */
export function objectUrl(host: string, bucket: string, key: string): string {
  const path = key.split('/').map(encodeURIComponent).join('/');
  return bucketOfHost(host) === '' ? `http://${host}/${bucket}/${path}` : `http://${host}/${path}`;
}

function splitPath(path: string, hostBucket: string): [bucket: string, key: string] {
  if (hostBucket !== '') return [hostBucket, decode(path)];
  const slash = path.indexOf('/');
  return slash < 0 ? [decode(path), ''] : [decode(path.slice(0, slash)), decode(path.slice(slash + 1))];
}

/**
 * Returns the bucket in a Host header, '' for path style. Throws for names that a web page could use (DNS rebinding).
 */
function bucketOfHost(host: string): string {
  const name = host.replace(/:\d*$/, '').toLowerCase();
  if (/^(localhost|127(\.\d{1,3}){3}|\[::1\]|oss-[a-z0-9-]+\.aliyuncs\.com)$/.test(name)) return '';
  const bucket = /^(.+)\.(localhost|oss-[a-z0-9-]+\.aliyuncs\.com)$/.exec(name)?.[1];
  if (bucket !== undefined) return bucket;
  throw new OssError(
    'InvalidArgument',
    'The Host header must be localhost, 127.0.0.1, [::1], <bucket>.localhost or <bucket>.oss-<region>.aliyuncs.com.',
    { ArgumentName: 'Host', ArgumentValue: host },
  );
}

function readQuery(text: string): Map<string, string> {
  const query = new Map<string, string>();
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const [name, value] = equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
    query.set(decode(name.replaceAll('+', ' ')), decode(value.replaceAll('+', ' ')));
  }
  return query;
}

/** Percent-decodes to UTF-8. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new OssError('InvalidObjectName', 'The path or query is not percent-encoded UTF-8.', {
      Target: text,
    });
  }
}

function badTarget(target: string): OssError {
  return new OssError('BadRequest', 'The request target must be a path or an absolute http address.', {
    Target: target,
  });
}
