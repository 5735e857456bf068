import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OtsError, OtsUnreachable } from '../../../ots/errors.ts';
import type { OtsTransport } from '../../../ots/transport.ts';
import { Checkpointer } from '../../../ots/tunnel/checkpointer.ts';
import { createTunnelApi } from '../../../ots/tunnel/tunnel-api.ts';
import { message } from '../../../ots/wire/message.ts';

const checkpointRequest = message<{ checkpoint: string; sequenceNumber: bigint }>('CheckpointRequest');
const checkpointAnswer = message<{ checkpoint: string; sequenceNumber: bigint }>('GetCheckpointResponse');

const { signal } = new AbortController();

/**
 * The checkpoint of one channel, as the Tunnel Service keeps it. `beforeRequest` and `afterRequest` may throw, as a
 * connection fails before or after the service has received a request.
 */
class CheckpointService {
  stored = { token: 'start', sequence: 0n };
  requests: string[] = [];
  beforeRequest = (): void => {};
  afterRequest = (): void => {};

  readonly transport: Pick<OtsTransport, 'send'> = {
    send: async ({ path, body }) => {
      this.requests.push(path);
      this.beforeRequest();
      if (path === '/tunnel/getcheckpoint') {
        const { token, sequence } = this.stored;
        return checkpointAnswer.encode({ checkpoint: token, sequenceNumber: sequence });
      }
      const { checkpoint, sequenceNumber } = checkpointRequest.decode(body);
      if (sequenceNumber !== this.stored.sequence + 1n)
        throw new OtsError('OTSSequenceNumberNotMatch', 'the sequence number does not match', {
          status: 400,
        });
      this.stored = { token: checkpoint, sequence: sequenceNumber };
      this.afterRequest();
      return Buffer.alloc(0);
    },
  };
}

function createCheckpointer(service: CheckpointService, assertAlive = (): void => {}) {
  const api = createTunnelApi(service.transport as OtsTransport);
  const counts = { mismatches: 0 };
  const checkpointer = new Checkpointer(api, { tunnelId: 't', clientId: 'c' }, 'channel', {
    at: { token: 'start', sequence: 0n },
    assertAlive,
    onMismatch: () => {
      counts.mismatches += 1;
    },
  });
  return { checkpointer, counts };
}

/** Fails like a connection, the first time only. */
function failOnce(): () => void {
  let failed = false;
  return () => {
    if (failed) return;
    failed = true;
    throw new OtsUnreachable('the connection was closed');
  };
}

test('each moved token is stored with the next sequence number', async () => {
  const service = new CheckpointService();
  const { checkpointer } = createCheckpointer(service);
  await checkpointer.move('one', signal);
  await checkpointer.move('two', signal);
  assert.deepEqual(service.stored, { token: 'two', sequence: 2n });
  assert.equal(checkpointer.token, 'two');
});

test('a token that is already stored is not sent again', async () => {
  const service = new CheckpointService();
  const { checkpointer } = createCheckpointer(service);
  await checkpointer.move('start', signal);
  assert.deepEqual(service.requests, []);
});

test('if the channel may belong to another client, no request is sent', async () => {
  const service = new CheckpointService();
  const { checkpointer } = createCheckpointer(service, () => {
    throw new Error('the channel may belong to another client');
  });
  await assert.rejects(checkpointer.move('one', signal), /may belong to another client/);
  assert.deepEqual(service.requests, []);
});

test('if the channel may belong to another client after a failed request, the request is not retried', async () => {
  const service = new CheckpointService();
  let alive = true;
  service.beforeRequest = () => {
    alive = false;
    throw new OtsUnreachable('the connection was closed');
  };
  const { checkpointer } = createCheckpointer(service, () => {
    if (!alive) throw new Error('the channel may belong to another client');
  });
  await assert.rejects(checkpointer.move('one', signal), /may belong to another client/);
  assert.deepEqual(service.requests, ['/tunnel/checkpoint']);
});

test('if the answer to a stored checkpoint is lost, the checkpoint counts as moved, and later tokens are stored', async () => {
  const service = new CheckpointService();
  service.afterRequest = failOnce();
  const { checkpointer, counts } = createCheckpointer(service);
  await checkpointer.move('one', signal);
  assert.equal(checkpointer.token, 'one');
  assert.equal(counts.mismatches, 1);
  await checkpointer.move('two', signal);
  assert.deepEqual(service.stored, { token: 'two', sequence: 2n });
});

test('if only the sequence number has changed, the token is stored with the next number', async () => {
  const service = new CheckpointService();
  service.stored = { token: 'start', sequence: 5n };
  const { checkpointer } = createCheckpointer(service);
  await checkpointer.move('one', signal);
  assert.deepEqual(service.stored, { token: 'one', sequence: 6n });
});

test('if another client has moved the checkpoint, the move fails and changes nothing', async () => {
  const service = new CheckpointService();
  service.stored = { token: 'other', sequence: 5n };
  const { checkpointer } = createCheckpointer(service);
  await assert.rejects(
    checkpointer.move('one', signal),
    (error) =>
      error instanceof OtsError &&
      error.code === 'OTSResourceGone' &&
      /another client moved the checkpoint of channel channel/.test(error.message),
  );
  assert.deepEqual(service.stored, { token: 'other', sequence: 5n });
});

test('after five consecutive mismatches, the sixth fails the move', async () => {
  const service = new CheckpointService();
  service.beforeRequest = () => {
    if (service.requests.at(-1) === '/tunnel/checkpoint') service.stored.sequence += 1n;
  };
  const { checkpointer, counts } = createCheckpointer(service);
  await assert.rejects(
    checkpointer.move('one', signal),
    (error) => error instanceof OtsError && error.code === 'OTSSequenceNumberNotMatch',
  );
  assert.equal(counts.mismatches, 5);
  assert.equal(service.requests.filter((path) => path === '/tunnel/checkpoint').length, 6);
});

test('an error other than a mismatch fails the move', async () => {
  const service = new CheckpointService();
  service.beforeRequest = () => {
    throw new OtsError('OTSParameterInvalid', 'the channel is unknown', { status: 400 });
  };
  const { checkpointer, counts } = createCheckpointer(service);
  await assert.rejects(checkpointer.move('one', signal), /the channel is unknown/);
  assert.deepEqual(service.requests, ['/tunnel/checkpoint']);
  assert.equal(counts.mismatches, 0);
});
