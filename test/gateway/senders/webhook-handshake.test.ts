import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sender, WebhookConsent } from '../../../gateway/senders/sender.ts';
import { webhookHandshake } from '../../../gateway/senders/webhook-handshake.ts';

const senderWith = (webhook?: WebhookConsent): Sender => ({
  ...{ name: 's', match: undefined, credentials: [], parkUnmatched: false, ackParked: false },
  ...(webhook === undefined ? {} : { webhook }),
});

const hosts = senderWith({ origins: ['events.example.com', 'other.example.com'], rate: 600 });
const anybody = senderWith({ origins: ['*'], rate: '*' });

const asking = (origin: string, rate?: string) => ({
  'webhook-request-origin': origin,
  ...(rate === undefined ? {} : { 'webhook-request-rate': rate }),
});

/** CloudEvents, HTTP webhook 1.0 §4.2: the headers of a consent. */
const consent = (origin: string, rate: string) => ({
  Allow: 'POST',
  'WebHook-Allowed-Origin': origin,
  'WebHook-Allowed-Rate': rate,
});
const refusal = { Allow: 'POST' };

const cases: readonly (readonly [
  name: string,
  senders: readonly Sender[],
  headers: Readonly<Record<string, string | string[] | undefined>>,
  answer: Readonly<Record<string, string>>,
])[] = [
  ['any origin if no senders are configured', [], asking('a.example'), consent('a.example', '*')],
  ['any rate if no senders are configured', [], asking('a.example', '9'), consent('a.example', '*')],
  ['a listed origin', [hosts], asking('events.example.com'), consent('events.example.com', '600')],
  ['the second listed origin', [hosts], asking('other.example.com'), consent('other.example.com', '600')],
  ['an origin in mixed case', [hosts], asking('Events.Example.COM'), consent('Events.Example.COM', '600')],
  [
    'a rate below the limit',
    [hosts],
    asking('events.example.com', '120'),
    consent('events.example.com', '120'),
  ],
  [
    'a rate above the limit, reduced to it',
    [hosts],
    asking('events.example.com', '6000'),
    consent('events.example.com', '600'),
  ],
  ['any rate if there is no limit', [anybody], asking('x.example', '120'), consent('x.example', '*')],
  ['an invalid rate', [hosts], asking('events.example.com', '-1'), consent('events.example.com', '600')],
  [
    'an origin of a later sender',
    [senderWith(), hosts, anybody],
    asking('x.example'),
    consent('x.example', '*'),
  ],
  [
    'an origin that two senders list, with the rate of the first',
    [hosts, anybody],
    asking('events.example.com'),
    consent('events.example.com', '600'),
  ],
  ['an origin of 255 characters', [anybody], asking('a'.repeat(255)), consent('a'.repeat(255), '*')],
];
for (const [name, senders, headers, answer] of cases) {
  test(`allows ${name}`, () => {
    assert.deepEqual(webhookHandshake(senders, headers), { headers: answer });
  });
}

const rejected: readonly (readonly [
  name: string,
  senders: readonly Sender[],
  headers: Readonly<Record<string, string | string[] | undefined>>,
])[] = [
  ['an unlisted origin', [hosts], asking('evil.example.com')],
  ['the end of a listed origin', [hosts], asking('example.com')],
  ['an origin that starts with a listed one', [hosts], asking('events.example.com.evil.com')],
  ['any origin for a sender without webhook', [senderWith()], asking('events.example.com')],
  ['a request without origin', [], {}],
  ['a request without origin but with a callback', [], { 'webhook-request-callback': 'https://a.example' }],
  ['an empty origin', [], asking('')],
  ['two origins', [], { 'webhook-request-origin': ['a.example', 'b.example'] }],
  ['an origin of 256 characters', [], asking('a'.repeat(256))],
  ['an origin with a line feed', [], asking('a\nb')],
  ['an origin with a control character', [], asking('a\u0000b')],
  ['an origin with a byte over 127', [], asking('a\u00e9')],
];
for (const [name, senders, headers] of rejected) {
  test(`does not allow ${name}`, () => {
    assert.deepEqual(webhookHandshake(senders, headers), { headers: refusal });
  });
}
