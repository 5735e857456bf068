import type { Readable } from 'node:stream';
import type OSS from 'ali-oss';
import { InvalidInput, messageOf, Unavailable } from '../../domain/errors.ts';
import type { ObjectRef } from '../../ports/object-store.ts';

/** What ali-oss throws: an Error with some of these; status -1 and -2 are its own, for no connection and time-outs. */
interface AliOssError {
  readonly name?: string;
  readonly code?: string;
  readonly status?: number;
  readonly requestId?: string;
  readonly message?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** Codes that trying again cannot mend, with our class for them. Source: OSS, "Error responses". */
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

/** The class that ali-oss gives a status without a body, as for HEAD. */
const TYPE_BY_STATUS: Readonly<Record<number, string>> = {
  403: 'AccessDenied',
  404: 'SourceGone',
  412: 'SourceChanged',
};

/** Translates whatever ali-oss threw while doing `what` to `ref`, once and for all. */
export function translateOssError(error: unknown, what: string, ref: ObjectRef): Error {
  if (error instanceof InvalidInput || error instanceof Unavailable) return error;
  const { code = '', name = '', status = 0, requestId, headers } = error as AliOssError;
  const reason = code || name || 'no reason given';
  // A cut body makes the whole of it the message, so it is shown only where it is the store's own sentence.
  const said = messageOf(error, 300).includes('raw xml:') ? 'the answer was cut off' : messageOf(error, 300);
  const request = requestId === undefined ? '' : `, request ${requestId}`;
  const sentence = `${what} oss://${ref.bucket}/${ref.key}: ${reason}: ${said}${request}`;

  const hopeless =
    FINAL_ERROR_TYPES[code] ?? (code === '' || code === 'Unknown' ? TYPE_BY_STATUS[status] : undefined);
  if (hopeless !== undefined) return new InvalidInput(hopeless, sentence, { cause: error });
  // Any other refusal of the request itself: only these may be taken when they are sent again.
  if (status >= 400 && status < 500 && ![408, 409, 429].includes(status)) {
    return new InvalidInput('StoreRefused', sentence, { cause: error });
  }
  const wait = Number(headers?.['x-oss-qos-delay-time']);
  return new Unavailable('StoreUnavailable', sentence, {
    cause: error,
    afterMs: Number.isFinite(wait) && wait > 0 ? wait : undefined,
  });
}

/** What ali-oss makes its errors of: an answer with another status than it wanted, or an error without any answer. */
interface ErrorAnswer {
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly data?: Uint8Array;
  readonly res?: Readable;
}

/** An error's body is a few hundred bytes of XML. */
const MAX_BODY_BYTES = 64 * 1024;
const BODY_TIMEOUT_MS = 5_000;

/**
 * Makes a client's errors tell all that the store said. By itself ali-oss reads no body of a refused streamed GET, so
 * that a missing bucket looks like a missing object; ignores `x-oss-err`, the body of an answer to HEAD, for the
 * same; and keeps no headers of an answer with a body, and thus no wait that was asked for.
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

/** The body of an answer that was to be streamed; undefined when there is none to be had. */
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
    // What came before it broke off may still say why.
  } finally {
    clearTimeout(timer);
  }
  return size === 0 ? undefined : Buffer.concat(chunks, size);
}
