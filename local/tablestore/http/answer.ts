import { randomUUID } from 'node:crypto';
import { messageOf } from '../../../domain/errors.ts';
import { OtsError } from '../../../ots/errors.ts';
import { message } from '../../../ots/wire/message.ts';
import { md5, responseSignature } from '../../../ots/wire/signature.ts';
import type { Log } from '../../../runtime/log.ts';
import { otsError } from '../errors.ts';
import type { Account } from './authenticate.ts';
import { writeOtsDate } from './ots-date.ts';

export interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

const errors = message<{ code: string; message: string }>('Error');

/**
 * Returns the answer to an error. An error that is not an `OtsError` with a status is logged, and answered as
 * OTSInternalServerError.
 */
export function errorAnswer(error: unknown, path: string, log: Log): Answer {
  const known = error instanceof OtsError && error.status !== 0;
  if (!known) log.error({ err: error, path }, 'request failed');
  const {
    status,
    code,
    message: text,
  } = known ? error : otsError('OTSInternalServerError', `The local Tablestore: ${messageOf(error)}`);
  return { status, body: errors.encode({ code, message: text }) };
}

/** Returns the headers of every answer, with the signature that clients check. */
export function answerHeaders(
  path: string,
  body: Buffer,
  { credentials: { keyId, secret } }: Account,
  nowMs: number,
): Record<string, string> {
  const headers = {
    'x-ots-contentmd5': md5(body),
    'x-ots-contenttype': 'protocol buffer',
    'x-ots-date': writeOtsDate(nowMs),
    'x-ots-requestid': randomUUID(),
  };
  return { ...headers, authorization: `OTS ${keyId}:${responseSignature(path, headers, secret)}` };
}
