import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const log = fileURLToPath(new URL('../../runtime/log.js', import.meta.url));

test('a log line escapes characters that could change how it is shown, and stays the same JSON', () => {
  const text = 'a\u001b[31m\u007f\u009b1m\u00ad\u061c\u200b\u200f\u2028\u202eb\u2066\ufeff 北京 é "';
  const program = `import { createLog } from ${JSON.stringify(log)}; createLog('test').info({ text: ${JSON.stringify(text)} }, 'x');`;
  const line = execFileSync(process.execPath, ['--input-type=module', '-e', program]).toString();
  assert.equal((JSON.parse(line) as { text: string }).text, text);
  assert.match(line, /^[\x20-\x7e北京é]*\n$/);
});
