import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localPorts } from '../../runtime/local-ports.ts';

test('an offset shifts every port', () => {
  assert.deepEqual(localPorts(0), {
    gateway: 8080,
    api: 8081,
    source: 8082,
    worker: 8083,
    temporal: 7233,
    temporalUi: 8233,
    oss: 9000,
    tablestore: 9001,
    provider: 9002,
    channels: 9003,
  });
  assert.deepEqual(localPorts(5), {
    ...{
      gateway: 8085,
      api: 8086,
      source: 8087,
      worker: 8088,
      temporal: 7238,
      temporalUi: 8238,
      oss: 9005,
      tablestore: 9006,
      provider: 9007,
      channels: 9008,
    },
  });
});
