import assert from 'node:assert/strict';
import { test } from 'node:test';
import { childEnvironment } from '../../../cli/start/child-environment.ts';
import type { Home } from '../../../cli/start/home.ts';
import { localPorts } from '../../../runtime/local-ports.ts';

const home: Home = {
  root: '/home',
  logs: '/home/logs',
  local: '/home/local',
  scratch: '/home/scratch',
  temporalDb: '/home/temporal.db',
  temporalToml: '/home/temporal.toml',
  sampleDone: '/home/sample-done',
  apiToken: 'token',
  channelKeys: 'key',
};

const inherited = {
  PATH: '/bin',
  SLUICE_LOG_LEVEL: 'debug',
  TEMPORAL_ADDRESS: 'production:7233',
  TEMPORAL_NAMESPACE: 'production',
  TEMPORAL_API_KEY: 'secret',
  TEMPORAL_TLS_CLIENT_KEY_DATA: 'secret',
  TEMPORAL_PROFILE: 'production',
  TEMPORAL_CONFIG_FILE: '/etc/temporal.toml',
  OSS_ENDPOINT: 'https://oss-cn-hangzhou.aliyuncs.com',
  OSS_ACCESSKEYSECRET: 'secret',
  K_SINK: 'http://broker',
  SLUICE_EVENTS_SINK: 'http://broker',
  TABLESTORE_INSTANCE: 'production',
  ALITABLESTORE: '{}',
  SLUICE_TABLESTORE_CREDENTIALS: '/run/secret',
  SOURCE_DEAD_LETTER_SINK: 'http://broker/dead',
  http_proxy: 'http://proxy:3128',
  no_proxy: 'internal',
};

test('inherited settings that lead to other systems are removed, and the local Temporal is set', () => {
  assert.deepEqual(childEnvironment(inherited, home, localPorts(10)), {
    PATH: '/bin',
    SLUICE_LOG_LEVEL: 'debug',
    http_proxy: 'http://proxy:3128',
    no_proxy: 'internal,localhost,127.0.0.1,::1',
    NO_PROXY: 'internal,localhost,127.0.0.1,::1',
    SLUICE_STARTED_FOR: '/home',
    TEMPORAL_ADDRESS: '127.0.0.1:7243',
    TEMPORAL_NAMESPACE: 'default',
    TEMPORAL_CONFIG_FILE: '/home/temporal.toml',
  });
});
