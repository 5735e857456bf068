import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { loadGatewayConfig } from '../../gateway/config.ts';
import { routesOf } from '../gateway/running-gateway.ts';

const page = readFileSync(new URL('../../../docs/gateway.md', import.meta.url), 'utf8');
const examples = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, text = '']) => text);

test('the page has examples of routes and of senders', () => assert.equal(examples.length, 2));

for (const example of examples) {
  test(`the example that starts with ${example.slice(0, 30).replace(/\s+/g, ' ')} is read without a mistake`, () => {
    const { routes, senders } = routesOf(example);
    // The shipped routes are always present.
    const shipped = routesOf('routes: []').routes.length;
    assert.ok(routes.length + senders.length > shipped);
  });
}

test('the page has every setting with its default', () => {
  const defaults = loadGatewayConfig({});
  for (const [variable, value] of [
    ['SLUICE_BODY_LIMIT', defaults.bodyLimit],
    ['SLUICE_IN_FLIGHT', defaults.inFlight],
    ['SLUICE_DRAIN_MS', defaults.drainMs],
  ] as const)
    assert.match(page, new RegExp(`\\| \`${variable}\` \\| ${value} \\|`));
  const { parkedLimit, parkedBytes } = defaults;
  assert.ok(
    page.includes(`| \`SLUICE_PARKED_LIMIT\`, \`SLUICE_PARKED_BYTES\` | ${parkedLimit}, ${parkedBytes} |`),
  );
});
