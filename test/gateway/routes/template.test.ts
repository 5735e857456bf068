import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidInput } from '../../../domain/errors.ts';
import { compileTemplate, TemplateError } from '../../../gateway/routes/template.ts';

const event = {
  id: 'E1',
  ext: 5,
  data: { name: 'n', count: 0, yes: false, list: [1, 2], deep: { er: 'x' }, none: null, 'a-b_1': 'y' },
};

const filled: readonly (readonly [template: unknown, value: unknown])[] = [
  ['plain', 'plain'],
  ['', ''],
  ['{id}', 'E1'],
  ['a:{id}:{data.name}', 'a:E1:n'],
  ['{data.count}', 0],
  ['{data.yes}', false],
  ['{data.list}', [1, 2]],
  ['{data.deep}', { er: 'x' }],
  ['{data.deep.er}', 'x'],
  ['{data.a-b_1}', 'y'],
  ['n={data.count} {data.yes} {ext}', 'n=0 false 5'],
  ['x{data.absent?}y', 'xy'],
  ['{data.name?}', 'n'],
  [
    { a: '{id}', b: ['{data.name}', 7, null, true] },
    { a: 'E1', b: ['n', 7, null, true] },
  ],
  [{ a: '{data.absent?}', b: '{data.none?}', c: 1 }, { c: 1 }],
  [5, 5],
  [null, null],
];

for (const [template, value] of filled) {
  test(`${JSON.stringify(template)} fills to ${JSON.stringify(value)}`, () => {
    assert.deepEqual(compileTemplate(template).fill(event), value);
  });
}

const unfilled: readonly (readonly [template: unknown, path: string])[] = [
  ['{data.absent}', 'data.absent'],
  ['{data.none}', 'data.none'],
  ['a:{data.absent}', 'data.absent'],
  ['{data.name.first}', 'data.name.first'],
  ['{data.constructor}', 'data.constructor'],
  ['{toString}', 'toString'],
  ['a:{data.list}', 'data.list'],
  ['a:{data.deep}', 'data.deep'],
  [{ a: { b: '{data.absent}' } }, 'data.absent'],
];

for (const [template, path] of unfilled) {
  test(`${JSON.stringify(template)} cannot be filled, and says ${path}`, () => {
    assert.throws(
      () => compileTemplate(template).fill(event),
      (error) => error instanceof InvalidInput && error.message.includes(path),
    );
  });
}

const wrong: readonly (readonly [template: unknown, path: readonly (string | number)[]])[] = [
  ['{', []],
  ['}', []],
  ['{}', []],
  ['{a', []],
  ['{a}}', []],
  ['{{a}}', []],
  ['{a..b}', []],
  ['{.a}', []],
  ['{a b}', []],
  [{ x: ['ok', '{'] }, ['x', 1]],
];

for (const [template, path] of wrong) {
  test(`${JSON.stringify(template)} is a mistake that is found when it is compiled`, () => {
    assert.throws(
      () => compileTemplate(template),
      (error) => {
        assert.ok(error instanceof TemplateError);
        assert.deepEqual(error.path, path);
        return true;
      },
    );
  });
}
