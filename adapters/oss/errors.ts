import type { Readable } from 'node:stream';
import type OSS from 'ali-oss';
import { InvalidInput, messageOf, Unavailable } from '../../domain/errors.ts';
import type { ObjectRef } from '../../ports/object-store.ts';

/** An error of ali-oss. Besides HTTP statuses, `status` can be -1 (no connection) or -2 (timeout). */
interface AliOssError {
  readonly name?: string;
  readonly code?: string;
  readonly status?: number;
  readonly requestId?: string;
  readonly message?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** Error codes that a retry cannot fix, and the failure type of each code. Source: OSS, "Error responses". */
const FINAL_ERROR_TYPES: Readonly<Record<string, string>> = {
  NoSuchBucket: 'NoSuchBucket',
  InvalidBucketName: 'NoSuchBucket',
  AccessDenied: 'AccessDenied',
  InvalidAccessKeyId: 'AccessDenied',
  SignatureDoesNotMatch: 'AccessDenied',
  SecurityTokenExpired: 'AccessDenied',
  InvalidSecurityToken: 'AccessDenied',
  UserDisable: 'AccessDenied',
  NoSuchKey: 'SourceGone',
  PreconditionFailed: 'SourceChanged',
  InvalidObjectName: 'InvalidObjectName',
  NoSuchUpload: 'NoSuchUpload',
  EntityTooLarge: 'EntityTooLarge',
};

/** The failure type for a status without a body, as for HEAD. */
const TYPE_BY_STATUS: Readonly<Record<number, string>> = {
  403: 'AccessDenied',
  404: 'SourceGone',
  412: 'SourceChanged',
};

/** Translates any error of ali-oss. `action` is the start of the message, such as `reading`. */
export function translateOssError(error: unknown, action: string, ref: ObjectRef): Error {
  if (error instanceof InvalidInput || error instanceof Unavailable) return error;
  const { code = '', name = '', status = 0, requestId, headers } = error as AliOssError;
  const reason = code || name || 'unknown error';
  // For a truncated body, ali-oss puts the raw XML into the message. It is not shown.
  const message = messageOf(error, 300).includes('raw xml:')
    ? 'the answer was truncated'
    : messageOf(error, 300);
  const request = requestId === undefined ? '' : `, request ${requestId}`;
  const sentence = `${action} oss://${ref.bucket}/${ref.key}: ${reason}: ${message}${request}`;

  const finalType =
    FINAL_ERROR_TYPES[code] ?? (code === '' || code === 'Unknown' ? TYPE_BY_STATUS[status] : undefined);
  if (finalType !== undefined) return new InvalidInput(finalType, sentence, { cause: error });
  // A retry can succeed after 408, 409 and 429. Any other 4xx means that the request is wrong.
  if (status >= 400 && status < 500 && ![408, 409, 429].includes(status)) {
    return new InvalidInput('StoreRefused', sentence, { cause: error });
  }
  const wait = Number(headers?.['x-oss-qos-delay-time']);
  return new Unavailable('StoreUnavailable', sentence, {
    cause: error,
    afterMs: Number.isFinite(wait) && wait > 0 ? wait : undefined,
  });
}

/**
 * The argument of ali-oss's `requestError`: an answer with an unexpected status, or an error if there is no answer.
 */
interface ErrorAnswer {
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly data?: Uint8Array;
  readonly res?: Readable;
}

/** An error body has a few hundred bytes of XML. */
const MAX_BODY_BYTES = 64 * 1024;
const BODY_TIMEOUT_MS = 5_000;

/**
 * Adds the details that ali-oss leaves out of its errors. ali-oss does not read the body of a failed streamed GET. So
 * a missing bucket looks like a missing object. For HEAD, it ignores the header `x-oss-err`, which replaces the body.
 * If an answer has a body, ali-oss drops the headers. So the wait in `x-oss-qos-delay-time` would be lost.
 */
export function withFullErrors(client: OSS): OSS {
  const inner = client as OSS & { requestError(refusal: ErrorAnswer): Promise<Error> };
  const original = inner.requestError.bind(client);
  inner.requestError = async (refusal) => {
    if (refusal instanceof Error) return original(refusal);
    const { headers } = refusal;
    const data = refusal.data?.length
      ? refusal.data
      : ((await readErrorBody(refusal.res)) ?? bodyFromHeader(headers));
    return Object.assign(await original(data === undefined ? refusal : { ...refusal, data }), { headers });
  };
  return client;
}

function bodyFromHeader(headers: ErrorAnswer['headers']): Buffer | undefined {
  const encoded = headers?.['x-oss-err'];
  return encoded ? Buffer.from(encoded, 'base64') : undefined;
}

/** Reads the body of a failed streamed GET; undefined if there is none. */
async function readErrorBody(stream: Readable | undefined): Promise<Buffer | undefined> {
  if (stream === undefined || !stream.readable) return undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  const timer = setTimeout(() => stream.destroy(), BODY_TIMEOUT_MS);
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > MAX_BODY_BYTES) break;
    }
  } catch {
    // A truncated body may still contain the reason.
  } finally {
    clearTimeout(timer);
  }
  return size === 0 ? undefined : Buffer.concat(chunks, size);
}
