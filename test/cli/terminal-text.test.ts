import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oneLine, prettyJson, printable, shellQuote } from '../../cli/terminal-text.ts';

test('a line has no line breaks and no control characters, and a cut line never ends with half of a character', () => {
  assert.equal(
    oneLine(' a\r\n\tb \u001b[31mred\u009b1m \u202eback\u0007 '),
    'a b \ufffd[31mred\ufffd1m \ufffdback\ufffd',
  );
  assert.equal(oneLine('报告😀😀', 4), '报告😀😀');
  assert.equal(oneLine('报告😀😀x', 4), '报告😀…');
});

test('a text of several lines keeps its line breaks and tabs, and no other control characters', () => {
  assert.equal(printable('a\r\nb\tc\rd\u001b'), 'a\nb\tc\ufffdd\ufffd');
});

test('short JSON is on one line; longer JSON is indented and cut with the number of omitted lines', () => {
  assert.equal(prettyJson({ a: [1], b: '\u009b' }, 2, 1), '{"a":[1],"b":"\ufffd"}');
  assert.equal(prettyJson(undefined, 0, 3), 'nothing');
  const long = 'x'.repeat(104);
  assert.equal(
    prettyJson({ a: [1], long }, 2, 10),
    `{\n    "a": [\n      1\n    ],\n    "long": "${long}"\n  }`,
  );
  assert.equal(prettyJson([long, 2, 3], 0, 3), `[\n  "${long}",\n  2,\n… 2 more lines; --json shows all`);
  assert.equal(prettyJson([long.repeat(5)], 0, 9).split('\n')[1], `  "${'x'.repeat(296)}…`);
});

test('an id in a printed command is one word for the shell', () => {
  assert.equal(shellQuote("a b'; rm -rf $HOME '"), `'a b'\\''; rm -rf $HOME '\\'''`);
});
