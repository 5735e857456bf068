import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OtsError, OtsUnreachable } from '../../../ots/errors.ts';
import { tunnelErrorAction } from '../../../ots/tunnel/tunnel-error-action.ts';

/** Codes and statuses as the vendor documents them; `HTTP502` is what a proxy says, which has no code. */
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
  test(`${code} about a tunnel means ${onTunnel}, about a channel ${onChannel}`, () => {
    const error = new OtsError(code, 'what the service says', { status });
    assert.equal(tunnelErrorAction(error, 'tunnel'), onTunnel);
    assert.equal(tunnelErrorAction(error, 'channel'), onChannel);
  });

test('what never reached the service is sent again', () => {
  assert.equal(tunnelErrorAction(new OtsUnreachable('no answer within 5 ms'), 'channel'), 'retry');
});
