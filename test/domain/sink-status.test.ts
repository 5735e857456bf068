import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classifySinkStatus, type SinkStatusClass } from '../../domain/sink-status.ts';

/** Every status with a meaning of its own, and those next to the limits of 2xx and 5xx. */
const rows: readonly (readonly [number, SinkStatusClass])[] = [
  [199, 'refused'],
  [200, 'accepted'],
  [202, 'accepted'],
  [299, 'accepted'],
  [300, 'refused'],
  [302, 'refused'],
  [400, 'refused'],
  [401, 'no rights'],
  [403, 'no rights'],
  [404, 'retry'],
  [405, 'refused'],
  [408, 'retry'],
  [409, 'retry'],
  [413, 'too large'],
  [415, 'refused'],
  [422, 'refused'],
  [425, 'retry'],
  [429, 'retry'],
  [431, 'too large'],
  [499, 'refused'],
  [500, 'retry'],
  [503, 'retry'],
  [599, 'retry'],
];
for (const [status, verdict] of rows)
  test(`classifies the sink status ${status} as ${verdict}`, () =>
    assert.equal(classifySinkStatus(status), verdict));
