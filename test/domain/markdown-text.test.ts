import assert from 'node:assert/strict';
import { test } from 'node:test';
import { markdownText } from '../../domain/markdown-text.ts';

const cases: readonly (readonly [text: string, markdown: string])[] = [
  ['order.placed o-1', 'order.placed o-1'],
  ['order_placed 订单/1', 'order_placed 订单/1'],
  ['[log in](http://evil.example)', '\\[log in\\](http\\://evil.example)'],
  ['![x](//evil.example/a.png)', '\\!\\[x\\](//evil.example/a.png)'],
  ['<img src=x onerror=alert(1)>', '\\<img src=x onerror=alert(1)\\>'],
  ['https://evil.example www.evil.example', 'https\\://evil.example www\\.evil.example'],
  ['*b* **b** _i_ ~s~ `c`', '\\*b\\* \\*\\*b\\*\\* \\_i\\_ \\~s\\~ \\`c\\`'],
  ['# title | cell &amp; \\', '\\# title \\| cell \\&amp; \\\\'],
  ['two\n\nlines\t\u001b[31mred\u202e', 'two lines \ufffd\\[31mred\ufffd'],
];
for (const [text, markdown] of cases)
  test(`the Markdown of ${JSON.stringify(text)} shows exactly this text`, () => {
    assert.equal(markdownText(text, 200), markdown);
  });

test('a text is cut at the width, between characters', () => {
  assert.equal(markdownText('abcde', 5), 'abcde');
  assert.equal(markdownText('abcdef', 5), 'abcd…');
  assert.equal(markdownText('😀😀😀', 3), '😀😀😀');
  assert.equal(markdownText('😀😀😀😀', 4), '😀😀😀😀');
  assert.equal(markdownText('😀😀😀😀', 3), '😀😀…');
  assert.equal(markdownText('*****', 5), '\\*\\*\\*\\*\\*');
});
