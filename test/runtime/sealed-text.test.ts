import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidInput } from '../../domain/errors.ts';
import { channelKeys, channelOrigins } from '../../runtime/channel-settings.ts';
import { readConfig } from '../../runtime/config.ts';
import { createSealer } from '../../runtime/sealed-text.ts';

const [ONE, TWO] = [1, 2].map((byte) => Buffer.alloc(32, byte).toString('base64')) as [string, string];
const TEXT = '{"url":"https://example.com/秘密"}';

const refuses = (work: () => unknown, message: RegExp): void =>
  assert.throws(
    work,
    (error) =>
      error instanceof InvalidInput &&
      error.type === 'SealedText' &&
      message.test(error.message) &&
      !error.message.includes('example.com'),
  );

test('a sealed text opens again, does not contain the text, and is another one each time', () => {
  const { seal, open } = createSealer([ONE]);
  const sealed = seal(TEXT, 'channel-1');
  assert.equal(open(sealed, 'channel-1'), TEXT);
  assert.match(sealed, /^v1\.[0-9a-f]{8}\.[\w-]+$/);
  assert.ok(!Buffer.from(sealed.split('.')[2] ?? '', 'base64url').includes('example'));
  assert.notEqual(seal(TEXT, 'channel-1'), sealed);
});

test('after a rotation, the new key seals, and texts of the old key still open', () => {
  const old = createSealer([ONE]).seal(TEXT, 'a');
  const rotated = createSealer([TWO, ONE]);
  assert.equal(rotated.open(old, 'a'), TEXT);
  assert.equal(createSealer([TWO]).open(rotated.seal(TEXT, 'a'), 'a'), TEXT);
});

test('a text of an unknown key, of another channel, or a changed one is refused without its content', () => {
  const { seal, open } = createSealer([ONE]);
  const sealed = seal(TEXT, 'a');
  refuses(
    () => createSealer([TWO]).open(sealed, 'a'),
    /^opening a: SLUICE_CHANNEL_KEYS does not have the key/,
  );
  refuses(() => open(sealed, 'b'), /^opening b: the sealed text was changed, or belongs/);
  const [version = '', id = '', payload = ''] = sealed.split('.');
  const bytes = Buffer.from(payload, 'base64url');
  for (const index of [0, 12, bytes.length - 1]) {
    const changed = Buffer.from(bytes);
    changed[index] = (changed[index] ?? 0) ^ 1;
    refuses(() => open(`${version}.${id}.${changed.toString('base64url')}`, 'a'), /was changed/);
  }
  refuses(() => open(`${version}.${id}.${payload.slice(0, 30)}`, 'a'), /is cut/);
  for (const text of ['', 'v2.x.y', TEXT]) refuses(() => open(text, 'a'), /this is no sealed text/);
  refuses(() => createSealer([]).seal(TEXT, 'a'), /^sealing a: SLUICE_CHANNEL_KEYS is not set$/);
});

const keysOf = (text: string) => readConfig({ SLUICE_CHANNEL_KEYS: text }, { channelKeys }).channelKeys;

test('SLUICE_CHANNEL_KEYS is a list of keys of 32 bytes, and a wrong value is not shown', () => {
  assert.deepEqual(keysOf(`${ONE}, ${TWO}`), [ONE, TWO]);
  assert.deepEqual(keysOf(''), []);
  for (const text of [
    'hidden-key',
    ONE.slice(4),
    `${ONE},hidden-key`,
    Buffer.alloc(31).toString('base64'),
    ',',
  ])
    assert.throws(() => keysOf(text), {
      message:
        'a setting is invalid:\n  SLUICE_CHANNEL_KEYS is (a secret, not shown); allowed: keys of 32 bytes in base64, separated by commas; create one with: openssl rand -base64 32',
    });
});

const originsOf = (text: string) =>
  readConfig({ SLUICE_CHANNEL_ORIGINS: text }, { channelOrigins }).channelOrigins;

test('SLUICE_CHANNEL_ORIGINS is a list of exact origins', () => {
  assert.deepEqual(originsOf('http://127.0.0.1:9003,https://hooks.lan'), [
    ...['http://127.0.0.1:9003', 'https://hooks.lan'],
  ]);
  for (const text of [
    '127.0.0.1:9003',
    'http://127.0.0.1:9003/',
    'http://a/path',
    'ftp://a',
    'http://A',
    '*',
  ])
    assert.throws(
      () => originsOf(text),
      /^ConfigError: .*\n {2}SLUICE_CHANNEL_ORIGINS is ".*"; allowed: origins such as/,
    );
});
