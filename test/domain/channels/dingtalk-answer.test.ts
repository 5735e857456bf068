import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDingTalkAnswer } from '../../../domain/channels/dingtalk-answer.ts';

const MINUTES_10 = 600_000;

/** Answers of DingTalk and of proxies, all with HTTP 200, and what they mean. */
const answers: readonly (readonly [body: string, kind: string, code?: string, afterMs?: number])[] = [
  ['{"errcode":0,"errmsg":"ok"}', 'sent'],
  ['{"errcode":"0"}', 'sent'],
  ['{"errcode":-1,"errmsg":"系统繁忙"}', 'retryable', '-1'],
  ['{"errcode":34015,"errmsg":"busy"}', 'retryable', '34015'],
  [
    '{"errcode":130101,"errmsg":"send too fast, exceed 20 times per minute"}',
    'throttled',
    '130101',
    MINUTES_10,
  ],
  ['{"errcode":410100,"errmsg":"x"}', 'throttled', '410100', MINUTES_10],
  ['{"errcode":7,"errmsg":"发送速度太快而限流"}', 'throttled', '7', MINUTES_10],
  ['{"status":1111,"wait":5,"source":"x5","punish":"deny","uuid":"1"}', 'throttled', 'firewall', 5_000],
  ['{"errcode":0,"status":1111,"wait":30,"punish":"deny"}', 'throttled', 'firewall', 30_000],
  ['{"status":1111,"wait":1,"punish":"deny"}', 'throttled', 'firewall', 5_000],
  ['{"status":1111,"wait":"soon","punish":"deny"}', 'throttled', 'firewall', 5_000],
  ['{"status":1111,"wait":99999,"punish":"deny"}', 'throttled', 'firewall', 3_600_000],
  ['{"errcode":310000,"errmsg":"keywords not in content"}', 'misconfigured', '310000'],
  ['{"errcode":310000,"errmsg":"sign not match"}', 'misconfigured', '310000'],
  ['{"errcode":310000,"errmsg":"ip 1.2.3.4 not in whitelist"}', 'misconfigured', '310000'],
  ['{"errcode":310000}', 'misconfigured', '310000'],
  ['{"errcode":300001}', 'dead', '300001'],
  ['{"errcode":300005,"errmsg":"token is not exist"}', 'dead', '300005'],
  ['{"errcode":400101}', 'dead', '400101'],
  ['{"errcode":400102}', 'dead', '400102'],
  ['{"errcode":400013}', 'dead', '400013'],
  ['{"errcode":400106}', 'dead', '400106'],
  ['{"errcode":40035}', 'rejected', '40035'],
  ['{"errcode":43002}', 'rejected', '43002'],
  ['{"errcode":43004}', 'rejected', '43004'],
  ['{"errcode":400105}', 'rejected', '400105'],
  ['{"errcode":460101}', 'rejected', '460101'],
  ['{"errcode":5,"errmsg":"message too long, exceed 20000 bytes"}', 'rejected', '5'],
  ['{"errcode":88888,"errmsg":"new"}', 'retryable', '88888'],
  ['{"code":19024}', 'ambiguous', '19024'],
  ['{"code":0}', 'ambiguous', 'http-200'],
  ['{"code":"19024"}', 'ambiguous', 'http-200'],
  ['{"code":9499}', 'ambiguous', '9499'],
  ['{"errcode":null}', 'ambiguous', 'http-200'],
  ['{"errcode":"none"}', 'ambiguous', 'http-200'],
  ['{"errcode":0.5}', 'ambiguous', 'http-200'],
  ['{"errcode":""}', 'ambiguous', 'http-200'],
  ['{"errcode":false}', 'ambiguous', 'http-200'],
  ['{"errcode":[0]}', 'ambiguous', 'http-200'],
  ['{}', 'ambiguous', 'http-200'],
  ['[]', 'ambiguous', 'http-200'],
  ['0', 'ambiguous', 'http-200'],
  ['null', 'ambiguous', 'http-200'],
  ['ok', 'ambiguous', 'http-200'],
  ['<html><body>502</body></html>', 'ambiguous', 'http-200'],
  ['', 'ambiguous', 'http-200'],
];
for (const [body, kind, code, afterMs] of answers)
  test(`DingTalk's answer ${body === '' ? '(empty)' : body} means ${kind}`, () => {
    const result = readDingTalkAnswer(200, body);
    assert.equal(result.kind, kind);
    assert.equal('code' in result ? result.code : undefined, code);
    assert.equal('afterMs' in result ? result.afterMs : undefined, afterMs);
    if (!('meaning' in result)) return;
    assert.match(result.meaning.zh, /[一-鿿]/u);
    assert.match(result.meaning.en, /^[ -~]+$/);
  });

for (const [errmsg, setting] of [
  ['keywords not in content', /keyword/],
  ['sign not match', /secret/],
  ['ip 1.2.3.4 not in whitelist', /IP address/],
] as const)
  test(`DingTalk's error "${errmsg}" is explained with the setting to change, in both languages`, () => {
    const result = readDingTalkAnswer(200, JSON.stringify({ errcode: 310000, errmsg }));
    assert.ok('meaning' in result);
    assert.match(result.meaning.en, setting);
    assert.match(result.meaning.zh, /keyword|secret|IP 地址/);
  });

test('the text of an unknown error is shown on one line, and cut', () => {
  const result = readDingTalkAnswer(
    200,
    JSON.stringify({ errcode: 1, errmsg: `a\n\u001b[31m${'x'.repeat(500)}` }),
  );
  assert.ok('meaning' in result);
  assert.match(result.meaning.en, /^an unknown error: a .\[31mx+…$/u);
  assert.ok(result.meaning.en.length < 230);
});

test('an answer with another status than 200 is read the same way', () => {
  assert.equal(readDingTalkAnswer(502, '<html>').kind, 'ambiguous');
  assert.equal(readDingTalkAnswer(400, '{"errcode":300005}').kind, 'dead');
});

test('only HTTP 200 with the code 0 means that the message was sent', () => {
  for (const status of [199, 201, 204, 302, 500])
    assert.equal(readDingTalkAnswer(status, '{"errcode":0}').kind, 'ambiguous', String(status));
});

test('a secret that stands in the answer by chance does not change what the answer means', () => {
  const redact = (text: string): string => text.replaceAll('0', '…');
  assert.equal(readDingTalkAnswer(200, '{"errcode":0}', redact).kind, 'sent');
  const unknown = readDingTalkAnswer(200, '{"errcode":80,"errmsg":"token 0"}', redact);
  assert.deepEqual('meaning' in unknown && [unknown.code, unknown.meaning.en], [
    '80',
    'an unknown error: token …',
  ]);
});

test('a code that nobody knows is tried three times', () => {
  const known = readDingTalkAnswer(200, '{"errcode":-1}');
  const unknown = readDingTalkAnswer(200, '{"errcode":88888}');
  assert.deepEqual(
    [known, unknown].map((result) => ('maxTries' in result ? result.maxTries : undefined)),
    [undefined, 3],
  );
});
