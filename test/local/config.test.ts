import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readLocalConfig } from '../../local/config.ts';
import { ConfigError } from '../../runtime/config.ts';

/** Returns the ports of the local cloud and the address of the gateway with these settings. */
function addressesWith(env: Readonly<Record<string, string>>) {
  const config = readLocalConfig({ SLUICE_LOCAL_DIR: '/d', ...env });
  const { ossPort, tablestorePort, amapPort, channelsPort, gateway } = config;
  return [ossPort, tablestorePort, amapPort, channelsPort, gateway];
}

test('the default ports are those of `sluice start`, and SLUICE_PORT_OFFSET moves them', () => {
  assert.deepEqual(addressesWith({}), [9000, 9001, 9002, 9003, 'http://127.0.0.1:8080']);
  assert.deepEqual(addressesWith({ SLUICE_PORT_OFFSET: '7000' }), [
    ...[16_000, 16_001, 16_002, 16_003],
    'http://127.0.0.1:15080',
  ]);
});

test('the offset does not move a port or address that is set explicitly', () => {
  const named = {
    SLUICE_LOCAL_OSS_PORT: '0',
    SLUICE_LOCAL_TABLESTORE_PORT: '9101',
    SLUICE_LOCAL_AMAP_PORT: '9102',
    SLUICE_LOCAL_CHANNELS_PORT: '9103',
    SLUICE_LOCAL_GATEWAY: 'http://127.0.0.1:9104',
  };
  const expected = [0, 9101, 9102, 9103, 'http://127.0.0.1:9104'];
  assert.deepEqual(addressesWith(named), expected);
  assert.deepEqual(addressesWith({ ...named, SLUICE_PORT_OFFSET: '7000' }), expected);
});

test('reports all invalid settings at once', () => {
  const wrong = { SLUICE_PORT_OFFSET: '60000', SLUICE_LOCAL_AMAP_PORT: 'x' };
  assert.throws(
    () => readLocalConfig(wrong),
    (error) =>
      error instanceof ConfigError &&
      [/SLUICE_LOCAL_DIR/, /SLUICE_PORT_OFFSET is "60000"/, /SLUICE_LOCAL_AMAP_PORT is "x"/].every((each) =>
        each.test(error.message),
      ),
  );
});
