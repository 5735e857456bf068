import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { messageList } from './collect-messages.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const file = `${root}test/messages/messages.md`;

test('messages.md lists every message of the source, so that a change of a text is a change of that file', () => {
  const found = messageList(root);
  if (process.env.UPDATE_MESSAGES === '1') writeFileSync(file, found);
  assert.equal(
    readFileSync(file, 'utf8'),
    found,
    'review the changed messages, then run: UPDATE_MESSAGES=1 npm test -- messages',
  );
});
