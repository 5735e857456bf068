import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stringifyExactJson } from '../../../domain/exact-json.ts';
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

const explainedBody = (body: string, file: string) => {
  const { routes } = routesOf(file);
  return explain({ headers: {}, body: Buffer.from(body) }, { routes, senders: [] }, 0);
};

test('shows the dialect of a route whose file has the dialect aws, and no dialect otherwise', () => {
  const route = '{ name: r, match: { data: { a: { b: [5] } } }, workflow: w, queue: q, id: "{id}" }';
  const body = '{"specversion":"1.0","id":"i","source":"/s","type":"t","data":{"a":[{"b":5}]}}';
  for (const [first, dialect, verdict] of [
    ['', undefined, 'no match'],
    ['dialect: alibaba\n', undefined, 'no match'],
    ['dialect: aws\n', 'aws', 'start'],
  ] as const) {
    const explanation = explainedBody(body, `${first}routes:\n  - ${route}\n`);
    const found = 'routes' in explanation ? explanation.routes.find((each) => each.route === 'r') : undefined;
    assert.equal(found?.verdict, verdict);
    assert.equal(found?.dialect, dialect);
  }
});

test('shows the numbers of the event, of the pattern and of the argument as they were written', () => {
  const route = '{ name: r, match: { data: { n: [9007199254740993] } }, workflow: w, queue: q, id: "{id}" }';
  const of = (n: string) =>
    stringifyExactJson(
      explainedBody(
        `{"specversion":"1.0","id":"i","source":"/s","type":"t","data":{"n":${n}}}`,
        `routes:\n  - ${route}\n`,
      ),
    );
  assert.match(of('9007199254740992'), /"expected":\[9007199254740993\],"actual":9007199254740992/);
  assert.match(of('9007199254740993'), /"verdict":"start".*"argument":\{.*"n":9007199254740993\}/);
  assert.match(of('9007199254740994.0'), /"data":\{"n":9007199254740994\.0\}.*"actual":9007199254740994\.0/);
});
