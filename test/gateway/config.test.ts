import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadGatewayConfig } from '../../gateway/config.ts';
import { ConfigError } from '../../runtime/config.ts';

test('by default the gateway listens on 8080, and its body limit is 64 KiB or more', () => {
  const { port, routes, bodyLimit } = loadGatewayConfig({});
  assert.equal(port, 8080);
  assert.equal(routes, undefined);
  assert.ok(bodyLimit >= 64 * 1024);
});

test('reads settings', () => {
  const config = loadGatewayConfig({
    PORT: '9999',
    SLUICE_ROUTES: '/etc/routes.yaml',
    SLUICE_BODY_LIMIT: '65536',
  });
  assert.deepEqual([config.port, config.routes, config.bodyLimit], [9999, '/etc/routes.yaml', 65_536]);
});

test('one error names every invalid setting and its value', () => {
  const env = { PORT: 'http', SLUICE_BODY_LIMIT: '65535', SLUICE_LOG_LEVEL: 'loud' };
  assert.throws(
    () => loadGatewayConfig(env),
    (error) => {
      assert.ok(error instanceof ConfigError);
      for (const [name, value] of Object.entries(env)) {
        assert.ok(error.message.includes(name) && error.message.includes(value), `${name}: ${error.message}`);
      }
      return true;
    },
  );
});
