import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sender, WebhookConsent } from '../../../gateway/senders/sender.ts';
import { webhookHandshake } from '../../../gateway/senders/webhook-handshake.ts';

const source = (webhook?: WebhookConsent): Sender => ({
  ...{ name: 's', match: undefined, credentials: [], parkUnmatched: false, ackParked: false },
  ...(webhook === undefined ? {} : { webhook }),
});

const hosts = source({ origins: ['events.example.com', 'other.example.com'], rate: 600 });
const anybody = source({ origins: ['*'], rate: '*' });

const asking = (origin: string, rate?: string) => ({
  'webhook-request-origin': origin,
  ...(rate === undefined ? {} : { 'webhook-request-rate': rate }),
});

/** CloudEvents, HTTP webhook 1.0 §4.2: what a consent holds. */
const consent = (origin: string, rate: string) => ({
  Allow: 'POST',
  'WebHook-Allowed-Origin': origin,
  'WebHook-Allowed-Rate': rate,
});
const refusal = { Allow: 'POST' };

const cases: readonly (readonly [
  name: string,
  sources: readonly Sender[],
  headers: Readonly<Record<string, string | string[] | undefined>>,
  answer: Readonly<Record<string, string>>,
])[] = [
  ['anybody where no sources are configured', [], asking('a.example'), consent('a.example', '*')],
  ['any rate where no sources are configured', [], asking('a.example', '9'), consent('a.example', '*')],
  ['a listed origin', [hosts], asking('events.example.com'), consent('events.example.com', '600')],
  ['the second listed', [hosts], asking('other.example.com'), consent('other.example.com', '600')],
  ['an origin in other letters', [hosts], asking('Events.Example.COM'), consent('Events.Example.COM', '600')],
  [
    'less than is allowed',
    [hosts],
    asking('events.example.com', '120'),
    consent('events.example.com', '120'),
  ],
  [
    'more than is allowed',
    [hosts],
    asking('events.example.com', '6000'),
    consent('events.example.com', '600'),
  ],
  ['a rate without limit', [anybody], asking('x.example', '120'), consent('x.example', '*')],
  ['a rate that is none', [hosts], asking('events.example.com', '-1'), consent('events.example.com', '600')],
  ['an origin of a later source', [source(), hosts, anybody], asking('x.example'), consent('x.example', '*')],
  [
    'the first source that lists it',
    [hosts, anybody],
    asking('events.example.com'),
    consent('events.example.com', '600'),
  ],
  ['255 characters', [anybody], asking('a'.repeat(255)), consent('a'.repeat(255), '*')],
];
for (const [name, sources, headers, answer] of cases) {
  test(`consent is given to ${name}`, () => {
    assert.deepEqual(webhookHandshake(sources, headers), { headers: answer });
  });
}

const refused: readonly (readonly [
  name: string,
  sources: readonly Sender[],
  headers: Readonly<Record<string, string | string[] | undefined>>,
])[] = [
  ['an origin that is not listed', [hosts], asking('evil.example.com')],
  ['the end of a listed one', [hosts], asking('example.com')],
  ['more than a listed one', [hosts], asking('events.example.com.evil.com')],
  ['anybody by a source without webhook', [source()], asking('events.example.com')],
  ['a request without origin', [], {}],
  ['a request without origin but with a callback', [], { 'webhook-request-callback': 'https://a.example' }],
  ['an empty origin', [], asking('')],
  ['two origins', [], { 'webhook-request-origin': ['a.example', 'b.example'] }],
  ['256 characters', [], asking('a'.repeat(256))],
  ['a line feed', [], asking('a\nb')],
  ['a control character', [], asking('a\u0000b')],
  ['a byte over 127', [], asking('a\u00e9')],
];
for (const [name, sources, headers] of refused) {
  test(`no consent is given to ${name}`, () => {
    assert.deepEqual(webhookHandshake(sources, headers), { headers: refusal });
  });
}
