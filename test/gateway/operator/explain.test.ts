import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explain } from '../../../gateway/operator/explain.ts';
import { routesOf } from '../running-gateway.ts';

const explained = (input: string, order: string) => {
  const row = `{ name: r, match: { type: [t] }, workflow: w, queue: q, id: "{id}"${input} }`;
  const body = `{"specversion":"1.0","id":"i","source":"/s","type":"t","data":{"order":${order}}}`;
  const routes = routesOf(`routes:\n  - ${row}\n`).routes.filter(({ name }) => name === 'r');
  const explanation = explain({ headers: {}, body: Buffer.from(body) }, { routes, senders: [] }, 0);
  return 'routes' in explanation ? explanation.routes[0]?.argumentText : undefined;
};

test('shows the text of an argument if it has a number that JSON.parse would round', () => {
  assert.equal(explained(', input: { n: "{data.order}" }', '9007199254740993'), '{"n":9007199254740993}');
  assert.match(explained('', '9007199254740993') ?? '', /"order":9007199254740993/);
});

test('shows no text for any other argument', () => {
  assert.equal(explained(', input: { n: "{data.order}" }', '5'), undefined);
  assert.equal(explained('', '5'), undefined);
});
