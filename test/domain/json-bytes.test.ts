import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonItems, jsonMembers } from '../../domain/json-bytes.ts';

const objects: readonly string[] = [
  '{}',
  ' { } ',
  '{"a":1}',
  '{"a":{"b":[1,{"c":"]}"}]},"d":[]}',
  ' {\n\t"a" : [ 1 , 2 ] , "b" : "x,y" }\r\n',
  '{"a\\"b":"c\\\\","\\u0061b":"\\\\\\""}',
  '{"报告":"文件","😀":null}',
  '{"a":true,"b":false,"c":null,"d":-1.5e+3}',
  '{"a":"{","b":"[","c":":"}',
  '{"__proto__":{"x":1},"":2}',
];
for (const text of objects)
  test(`the members of ${JSON.stringify(text)} are those that JSON.parse finds`, () => {
    const members = [...jsonMembers(Buffer.from(text))].map(([name, value]) => [
      name,
      JSON.parse(String(value)) as unknown,
    ]);
    assert.deepEqual(members, Object.entries(JSON.parse(text) as object));
  });

const arrays: readonly string[] = [
  '[]',
  '[ ]',
  '[1]',
  ' [ 1 , "a" , [ ] , { } , null ] ',
  '[[[1],[2]],{"a":[3,4]},"],["]',
  '["\\"","\\\\","\\\\\\",","文件"]',
  '[-1,0.5,true,false]',
];
for (const text of arrays)
  test(`the items of ${JSON.stringify(text)} are those that JSON.parse finds`, () => {
    const items = [...jsonItems(Buffer.from(text))].map((item) => JSON.parse(String(item)) as unknown);
    assert.deepEqual(items, JSON.parse(text));
  });

test('a repeated member is yielded each time', () => {
  const members = [...jsonMembers(Buffer.from('{"a":1,"a":2}'))];
  assert.deepEqual(
    members.map(([name, value]) => `${name}=${value}`),
    ['a=1', 'a=2'],
  );
});

const malformed: readonly string[] = [
  ...['', ' ', '1', '"a"', '{', '{"a"', '{"a":', '{"a":1', '{"a":1,', '{"a":1,}', '{"a" 1}', '{,}', '{"a":}'],
  ...['{"a":1 "b":2}', '{"a":[1}', '{"a":"x', '{"a":"x\\"}', '{1', '[', '[1', '[1,', '[,1]', '[1 2]', '["a'],
  ...['[{"a":1]', '[}', '{]', '[[1]', '[1}'],
];
for (const text of malformed)
  test(`${JSON.stringify(text)} is a SyntaxError`, () => {
    const read = text.trim().startsWith('[') ? jsonItems : jsonMembers;
    assert.throws(
      () => [...read(Buffer.from(text))].map(([, value]) => JSON.parse(String(value))),
      SyntaxError,
    );
  });
