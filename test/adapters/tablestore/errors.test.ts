import assert from 'node:assert/strict';
import { test } from 'node:test';
import { translateOtsError } from '../../../adapters/tablestore/errors.ts';
import { InvalidInput, Unavailable } from '../../../domain/errors.ts';
import { OtsError, OtsUnreachable, otsErrorKind } from '../../../ots/errors.ts';

const busy = ['not done', Unavailable] as const;
const unclear = ['unclear', Unavailable] as const;
const unknownKey = ['unknown key', Unavailable] as const;
const refused = ['refused', InvalidInput] as const;
const final = ['all calls fail', InvalidInput] as const;

/**
 * Codes, their status (0: one row of a batch failed), the kind and the error class that Sluice gives them, and the
 * message if it matters.
 */
const rows: readonly (readonly [
  string,
  number,
  typeof busy | typeof unclear | typeof unknownKey | typeof refused | typeof final,
  string?,
])[] = [
  ['OTSRowOperationConflict', 409, busy],
  ['OTSNotEnoughCapacityUnit', 403, busy],
  ['OTSCapacityUnitExhausted', 403, busy],
  ['OTSTableNotReady', 404, busy],
  ['OTSPartitionUnavailable', 503, busy],
  ['OTSServerBusy', 503, busy],
  ['OTSServerBusy', 0, busy],
  ['OTSStorageServerBusy', 503, busy],
  ['OTSFlowControl', 503, busy],
  ['OTSQuotaExhausted', 403, busy, 'Too frequent table operations.'],
  ['OTSQuotaExhausted', 403, refused, 'Number of tables exceeded the quota.'],
  ['OTSTimeout', 503, unclear],
  ['OTSTimeout', 0, unclear],
  ['OTSInternalServerError', 500, unclear],
  ['OTSServerUnavailable', 503, unclear],
  ['OTSRequestTimeout', 408, unclear],
  ['OTSSomethingNew', 500, unclear],
  ['OTSSomethingNew', 0, unclear],
  ['HTTP502', 502, unclear],
  ['HTTP429', 429, unclear],
  ['OTSSomethingNew', 400, refused],
  ['OTSParameterInvalid', 400, refused],
  ['OTSParameterInvalid', 0, refused],
  ['OTSInvalidPK', 400, refused],
  ['OTSObjectNotExist', 404, refused],
  ['OTSAuthFailed', 403, unknownKey],
  ['OTSTunnelServerUnavailable', 503, unclear],
  ['OTSOperationThrottled', 403, busy],
  ['OTSConditionCheckFail', 403, refused],
  ['OTSOutOfColumnCountLimit', 0, refused],
  ['OTSUnsupportedOperation', 400, refused],
  ['OTSTunnelExpired', 400, final],
  ['OTSPermissionDenied', 403, final],
  ['OTSResourceGone', 410, refused],
  ['OTSSequenceNumberNotMatch', 400, refused],
  ['OTSParameterInvalid', 503, unclear],
  ['OTSConditionCheckFail', 500, unclear],
  ['OTSObjectNotExist', 408, unclear],
  ['OTSQuotaExhausted', 429, unclear],
  ['OTSTunnelExpired', 503, final],
  ['constructor', 503, unclear],
  ['__proto__', 403, refused],
  ['HTTP399', 399, unclear],
  ['HTTP404', 404, refused],
  ['HTTP499', 499, refused],
  ['OTSNoPermissionAccess', 403, refused],
  ['OTSRequestBodyTooLarge', 413, refused],
  ['OTSOutOfRowSizeLimit', 0, refused],
];

for (const [code, status, [kind, ErrorClass], sentence = 'So it is.'] of rows) {
  test(`${code} with status ${status}, "${sentence}", is "${kind}", and the translated error has the same code and message`, () => {
    const error = new OtsError(code, sentence, { status, requestId: '0005-ab' });
    assert.equal(otsErrorKind(error), kind);
    const translated = translateOtsError(error, 'reading weather adcode=1');
    assert.ok(translated instanceof ErrorClass);
    assert.equal(translated.type, code);
    assert.equal(translated.message, `reading weather adcode=1: ${code}: ${sentence}, request 0005-ab`);
  });
}

test('an error without an answer is "unclear", and becomes Unavailable with the type NoAnswer', () => {
  const error = new OtsUnreachable('http://localhost:1: connect ECONNREFUSED');
  assert.equal(otsErrorKind(error), 'unclear');
  const translated = translateOtsError(error, 'putting weather adcode=1');
  assert.ok(translated instanceof Unavailable && translated.type === 'NoAnswer');
});

test('a message is cut to 500 characters, however long the service’s message or the key is', () => {
  const error = new OtsError('OTSServerBusy', 'x'.repeat(5_000), { status: 503 });
  const translated = translateOtsError(error, `reading weather adcode=${'k'.repeat(1_000)}`);
  assert.ok(translated instanceof Unavailable && translated.message.length === 500);
});

test('an error that is not from the service stays unchanged, because it is a bug', () => {
  const bug = new TypeError('x is not a function');
  assert.equal(translateOtsError(bug, 'reading'), bug);
});
