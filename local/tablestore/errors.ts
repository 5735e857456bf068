import { OtsError } from '../../ots/errors.ts';

/** The HTTP status of each error code of the stand-in (Tablestore's list of error codes). */
const statuses = {
  OTSAuthFailed: 403,
  OTSConditionCheckFail: 403,
  OTSInternalServerError: 500,
  OTSInvalidPK: 400,
  OTSMethodNotAllowed: 405,
  OTSObjectAlreadyExist: 409,
  OTSObjectNotExist: 404,
  OTSParameterInvalid: 400,
  OTSQuotaExhausted: 403,
  OTSRequestBodyTooLarge: 413,
  OTSResourceGone: 410,
  OTSSequenceNumberNotMatch: 400,
  OTSTunnelExist: 409,
  OTSTunnelExpired: 400,
  OTSUnsupportedOperation: 400,
} as const;

/** Limits messages, because a message may quote a whole request body. */
const MAX_MESSAGE = 500;

/** Returns an error with the service's code and its status. The message is cut to 500 characters. */
export const otsError = (code: keyof typeof statuses, message: string): OtsError =>
  new OtsError(code, truncate(message), { status: statuses[code] });

const truncate = (message: string): string =>
  message.length > MAX_MESSAGE ? `${message.slice(0, MAX_MESSAGE - 1)}…` : message;

export const authFailed = (message: string): OtsError => otsError('OTSAuthFailed', message);

/** The request is invalid. A tunnel client that gets this error for a heartbeat stops permanently. */
export const parameterInvalid = (message: string): OtsError => otsError('OTSParameterInvalid', message);

export const invalidKey = (message: string): OtsError => otsError('OTSInvalidPK', message);

export const conditionCheckFailed = (): OtsError =>
  otsError('OTSConditionCheckFail', 'Condition check failed.');

export const objectNotExist = (): OtsError =>
  otsError('OTSObjectNotExist', 'Requested table does not exist.');

export const objectAlreadyExists = (): OtsError =>
  otsError('OTSObjectAlreadyExist', 'Requested table already exists.');

export const requestTableNotExist = (): OtsError => parameterInvalid('Request table not exist');

export const quotaExhausted = (message: string): OtsError => otsError('OTSQuotaExhausted', message);

/** For operations that the service supports and the stand-in does not. `features` is a plural noun. */
export const unsupported = (features: string): OtsError =>
  otsError('OTSUnsupportedOperation', `The local Tablestore does not support ${features}.`);

/** The client was silent for too long, or no longer owns the channel. A client that gets this error connects again. */
export const resourceGone = (message: string): OtsError => otsError('OTSResourceGone', message);

/** The tunnel cannot be read any more, because undelivered changes were dropped. */
export const tunnelExpired = (name: string): OtsError =>
  otsError('OTSTunnelExpired', `Tunnel ${name} is expired: changes that it had not delivered were dropped.`);

/** The table has a tunnel of that name. */
export const tunnelExists = (table: string, name: string): OtsError =>
  otsError('OTSTunnelExist', `Tunnel ${name} of table ${table} already exist.`);

/** The number of a checkpoint does not follow the stored one: another client wrote, or an answer was lost. */
export const sequenceNumberNotMatch = (channel: string, given: bigint, stored: bigint): OtsError =>
  otsError(
    'OTSSequenceNumberNotMatch',
    `Checkpoint of channel ${channel} has sequence number ${given}, expected is ${stored + 1n}.`,
  );
