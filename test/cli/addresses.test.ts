import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveGateway, resolveTemporal } from '../../cli/addresses.ts';
import { readCliConfig } from '../../cli/config.ts';
import type { Endpoints } from '../../cli/endpoints-file.ts';

const running: Endpoints = {
  gateway: 'http://127.0.0.1:8180',
  temporal: '127.0.0.1:7333',
  temporalUi: 'http://127.0.0.1:8333',
  oss: 'http://localhost:9100',
  tablestore: 'http://localhost:9101',
  source: 'http://127.0.0.1:8182',
  apiToken: 'token',
  pids: { supervisor: process.pid },
};
/** Settings without any configuration file of the machine. */
const base = { SLUICE_HOME: '/nonexistent/home', TEMPORAL_CONFIG_FILE: '/nonexistent/temporal.toml' };

for (const [why, flag, env, endpoints, expected] of [
  [
    'the option has priority over SLUICE_GATEWAY',
    'http://a:1/',
    { SLUICE_GATEWAY: 'http://b:2' },
    running,
    ['http://a:1', '--gateway'],
  ],
  [
    'SLUICE_GATEWAY has priority over a running `sluice start`',
    undefined,
    { SLUICE_GATEWAY: 'http://b:2/' },
    running,
    ['http://b:2', 'SLUICE_GATEWAY'],
  ],
  [
    'a running `sluice start` has priority over the default',
    undefined,
    {},
    running,
    ['http://127.0.0.1:8180', '/nonexistent/home/endpoints.json'],
  ],
  [
    'without any setting, the default is used',
    undefined,
    {},
    undefined,
    ['http://127.0.0.1:8080', 'the default'],
  ],
] as const) {
  test(`the gateway's address: ${why}`, () => {
    const { url, from } = resolveGateway({ gateway: flag }, readCliConfig({ ...base, ...env }), endpoints);
    assert.deepEqual([url, from], expected);
  });
}

const userSettings = {
  TEMPORAL_ADDRESS: 'cluster:7233',
  TEMPORAL_NAMESPACE: 'theirs',
  TEMPORAL_API_KEY: 'key',
};

for (const [why, flags, env, endpoints, expected] of [
  [
    'options have priority over SLUICE_TEMPORAL_*, and are used with the keys of TEMPORAL_*',
    { address: 'a:1', namespace: 'n' },
    { ...userSettings, SLUICE_TEMPORAL_ADDRESS: 'b:2' },
    running,
    ['a:1', 'n', 'key', '--address'],
  ],
  [
    'SLUICE_TEMPORAL_* has priority over a running `sluice start`',
    {},
    { ...userSettings, SLUICE_TEMPORAL_ADDRESS: 'b:2', SLUICE_TEMPORAL_NAMESPACE: 'm' },
    running,
    ['b:2', 'm', 'key', 'SLUICE_TEMPORAL_ADDRESS'],
  ],
  [
    'a running `sluice start` has priority over TEMPORAL_*, and is used without the keys of TEMPORAL_*',
    {},
    userSettings,
    running,
    ['127.0.0.1:7333', 'default', undefined, '/nonexistent/home/endpoints.json'],
  ],
  [
    'TEMPORAL_* has priority over the defaults',
    {},
    userSettings,
    undefined,
    ['cluster:7233', 'theirs', 'key', "TEMPORAL_* or the Temporal CLI's configuration file"],
  ],
  [
    'without any setting, the defaults are used',
    {},
    {},
    undefined,
    ['localhost:7233', 'default', undefined, 'the default'],
  ],
] as const) {
  test(`Temporal's address: ${why}`, () => {
    const target = resolveTemporal(flags, readCliConfig({ ...base, ...env }), endpoints);
    assert.deepEqual([target.address, target.namespace, target.connection.apiKey, target.from], expected);
    assert.equal(target.connection.address, target.address);
  });
}
