import { OtsError } from '../../../ots/errors.ts';

/** The request cannot be met as it is; clients that get this on a heartbeat stop for good. */
export const parameterInvalid = (sentence: string): OtsError =>
  new OtsError('OTSParameterInvalid', sentence, { status: 400 });

/** The client was silent for too long, or the channel is no longer its own; clients connect again. */
export const resourceGone = (sentence: string): OtsError =>
  new OtsError('OTSResourceGone', sentence, { status: 410 });

/** The tunnel cannot be read any more, since changes that it had to give were dropped. */
export const tunnelExpired = (name: string): OtsError =>
  new OtsError('OTSTunnelExpired', `Tunnel ${name} is expired: changes it had not given yet were dropped.`, {
    status: 400,
  });

/** There is a tunnel of that name on the table. */
export const tunnelExists = (table: string, name: string): OtsError =>
  new OtsError('OTSTunnelExist', `Tunnel ${name} of table ${table} already exist.`, { status: 409 });

/** A checkpoint's number is not the one after the stored one: somebody else wrote, or an answer was lost. */
export const sequenceNumberNotMatch = (channel: string, given: bigint, stored: bigint): OtsError =>
  new OtsError(
    'OTSSequenceNumberNotMatch',
    `Checkpoint of channel ${channel} has sequence number ${given}, expected is ${stored + 1n}.`,
    { status: 400 },
  );
