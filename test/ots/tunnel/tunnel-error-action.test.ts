import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OtsError, OtsUnreachable } from '../../../ots/errors.ts';
import { tunnelErrorAction } from '../../../ots/tunnel/tunnel-error-action.ts';

/** Codes and statuses from the vendor's documentation. `HTTP502` is the answer of a proxy, which has no code. */
const table: readonly [code: string, status: number, onTunnel: string, onChannel: string][] = [
  ['OTSTunnelServerUnavailable', 503, 'retry', 'retry'],
  ['OTSServerBusy', 503, 'retry', 'retry'],
  ['OTSInternalServerError', 500, 'retry', 'retry'],
  ['HTTP502', 502, 'retry', 'retry'],
  ['OTSAuthFailed', 403, 'retry', 'retry'],
  ['OTSResourceGone', 410, 'client', 'channel'],
  ['OTSSequenceNumberNotMatch', 400, 'client', 'channel'],
  ['OTSParameterInvalid', 400, 'fatal', 'channel'],
  ['OTSTunnelExpired', 400, 'fatal', 'fatal'],
  ['OTSPermissionDenied', 403, 'fatal', 'fatal'],
];
for (const [code, status, onTunnel, onChannel] of table)
  test(`the action after ${code} is ${onTunnel} in a call about a tunnel, and ${onChannel} in a call about a channel`, () => {
    const error = new OtsError(code, 'a message of the service', { status });
    assert.equal(tunnelErrorAction(error, 'tunnel'), onTunnel);
    assert.equal(tunnelErrorAction(error, 'channel'), onChannel);
  });

test('an error without an answer is retried', () => {
  assert.equal(tunnelErrorAction(new OtsUnreachable('no answer within 5 ms'), 'channel'), 'retry');
});
