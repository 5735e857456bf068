import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkSubscription, lateWindowMs } from '../../../domain/alerts/check-subscription.ts';
import type { SubscriptionDocument } from '../../../domain/alerts/subscription.ts';

/** Noon of 2026-11-22, a Sunday, in Beijing. */
const CONTEXT = { now: Date.parse('2026-11-22T04:00:00Z'), defaultLocale: 'zh' } as const;
const MINIMAL = { adcode: '110000', channelId: 'dingtalk-1' };

const DEFAULTS: SubscriptionDocument = {
  condition: { v: 1, any: [{ cat: 'rain' }, { cat: 'snow' }] },
  ...{ at: '20:00', tz: 'Asia/Shanghai', mode: 'alert', holidays: 'keep' },
  ...{ lateWindow: 'PT3H', correction: true, locale: 'zh' },
};

test('a subscription that names only place and channel gets the defaults', () => {
  assert.deepEqual(checkSubscription(MINIMAL, CONTEXT), {
    ...{ adcode: '110000', channelId: 'dingtalk-1', document: DEFAULTS, problems: [] },
  });
  assert.equal(checkSubscription(MINIMAL, { ...CONTEXT, defaultLocale: 'en' }).document?.locale, 'en');
  assert.equal(lateWindowMs(DEFAULTS), 10_800_000);
});

test('every field can be chosen, and the weekdays are sorted', () => {
  const chosen = {
    condition: { v: 1, tMinBelow: 0 },
    ...{ at: '07:30', tz: 'America/New_York', mode: 'always', days: [5, 1], holidays: 'skip' },
    ...{ quiet: { from: '22:00', to: '07:00' }, lateWindow: 'PT24H', correction: false, locale: 'en' },
  } as const;
  const { document } = checkSubscription({ ...MINIMAL, ...chosen, date: '2026-11-27' }, CONTEXT);
  assert.deepEqual(document, { ...chosen, days: [1, 5], date: '2026-11-27' });
});

test('an old code of a place is replaced by the code of today', () =>
  assert.equal(checkSubscription({ ...MINIMAL, adcode: '330101' }, CONTEXT).adcode, '330100'));

const wrong: readonly (readonly [fields: object, detail: string])[] = [
  [{ adcode: '999999' }, 'adcode is "999999"; allowed: the adcode of a place, such as 110000'],
  [{ adcode: 110000 }, 'adcode is 110000; allowed: the adcode of a place, such as 110000'],
  [{ channelId: 'a b' }, 'channelId is "a b"; allowed: the id of a channel'],
  [{ at: '24:00' }, 'at is "24:00"; allowed: a time from 00:00 to 23:59, such as 20:00'],
  [{ at: '8:00' }, 'at is "8:00"; allowed: a time from 00:00 to 23:59, such as 20:00'],
  [
    { tz: 'Asia/Peking' },
    'tz is "Asia/Peking"; allowed: the IANA name of a time zone, such as Asia/Shanghai',
  ],
  [{ tz: '+08:00' }, 'tz is "+08:00"; allowed: the IANA name of a time zone, such as Asia/Shanghai'],
  [{ mode: 'never' }, 'mode is "never"; allowed: alert, always'],
  [
    { days: [] },
    'days is []; allowed: a list of one or more of 1 (Monday) to 7 (Sunday), each once; without days, all days',
  ],
  [
    { days: [1, 1] },
    'days is [1,1]; allowed: a list of one or more of 1 (Monday) to 7 (Sunday), each once; without days, all days',
  ],
  [
    { days: [0] },
    'days is [0]; allowed: a list of one or more of 1 (Monday) to 7 (Sunday), each once; without days, all days',
  ],
  [{ quiet: { from: '22:00' } }, 'quiet is {"from":"22:00"}; allowed: an object with from and to'],
  [
    { quiet: { from: '22:00', to: '25:00' } },
    'quiet.to is "25:00"; allowed: a time from 00:00 to 23:59, such as 20:00',
  ],
  [{ holidays: true }, 'holidays is true; allowed: keep, skip'],
  [{ lateWindow: 'PT59S' }, 'lateWindow is "PT59S"; allowed: an ISO 8601 duration from PT1M to PT24H'],
  [{ lateWindow: 'P2D' }, 'lateWindow is "P2D"; allowed: an ISO 8601 duration from PT1M to PT24H'],
  [{ lateWindow: '3h' }, 'lateWindow is "3h"; allowed: an ISO 8601 duration from PT1M to PT24H'],
  [{ lateWindow: '-PT-60M' }, 'lateWindow is "-PT-60M"; allowed: an ISO 8601 duration from PT1M to PT24H'],
  [{ correction: 'yes' }, 'correction is "yes"; allowed: true, false'],
  [{ date: '2026-02-30' }, 'date is "2026-02-30"; allowed: a day such as 2026-11-22'],
  [{ locale: 'fr' }, 'locale is "fr"; allowed: zh, en'],
  [{ locale: null }, 'locale is null; allowed: zh, en'],
  [
    { hour: 8 },
    '"hour" is an unknown field; allowed: adcode, channelId, at, tz, mode, days, holidays, lateWindow, correction, date, locale, text, condition, quiet',
  ],
  [{ condition: { v: 1, any: [] } }, 'condition.any is []; allowed: a list of 1 to 100 conditions'],
  [
    { condition: { v: 1, all: [{ cat: 'rain' }, { not: { cat: 'rain' } }] } },
    'condition.all can never match, because all[0] and all[1] exclude each other',
  ],
  [{ condition: { v: 2, cat: 'rain' } }, 'condition.v is 2; allowed: 1'],
];
for (const [fields, detail] of wrong)
  test(`refuses ${JSON.stringify(fields)} and names what is allowed`, () => {
    const { document, problems } = checkSubscription({ ...MINIMAL, ...fields }, CONTEXT);
    assert.equal(document, undefined);
    assert.deepEqual(
      problems.map((problem) => problem.detail),
      [detail],
    );
    assert.equal(problems[0]?.name, detail.split(' ')[0]?.replaceAll('"', ''));
  });

test('all problems are reported, missing fields too', () => {
  const { problems } = checkSubscription({ at: '9', mode: 'x' }, CONTEXT);
  assert.deepEqual(
    problems.map(({ name }) => name),
    ['adcode', 'channelId', 'at', 'mode'],
  );
  for (const body of [null, [], 'text', 1])
    assert.match(
      checkSubscription(body, CONTEXT).problems[0]?.detail ?? '',
      /^the body is .*; allowed: an object with/,
    );
});

test('a single day whose message was already due is refused', () => {
  const at = (date: string, more = {}) =>
    checkSubscription({ ...MINIMAL, date, ...more }, CONTEXT).problems.map(({ detail }) => detail);
  const detail = (date: string, time: string) =>
    `date is "${date}", whose message was due the day before at ${time} (Asia/Shanghai); allowed: a later day`;
  assert.deepEqual(at('2026-11-21'), [detail('2026-11-21', '20:00')]);
  assert.deepEqual(at('2026-11-22'), [detail('2026-11-22', '20:00')]);
  assert.deepEqual(at('2026-11-23'), []);
  assert.deepEqual(at('2026-11-23', { at: '12:00' }), [detail('2026-11-23', '12:00')]);
  assert.deepEqual(at('2026-11-23', { at: '12:01' }), []);
});

test('a single day on which the subscription does not send is refused', () => {
  const { problems } = checkSubscription({ ...MINIMAL, date: '2026-11-24', days: [1] }, CONTEXT);
  assert.deepEqual(problems, [
    {
      name: 'date',
      detail: 'date is "2026-11-24", which days and holidays leave out; allowed: another day',
    },
  ]);
});

test('a change keeps what it does not name, and null gives a field its default again', () => {
  const document = { ...DEFAULTS, at: '07:00', days: [1], quiet: { from: '22:00', to: '06:00' } } as const;
  const stored = { adcode: '110000', document };
  const changed = checkSubscription({ at: null, quiet: null, mode: 'always' }, { ...CONTEXT, stored });
  assert.deepEqual(changed.problems, []);
  assert.deepEqual(changed.document, { ...DEFAULTS, mode: 'always', days: [1] });
  assert.deepEqual(checkSubscription({}, { ...CONTEXT, stored }).document, document);
});

test('a change cannot move a subscription to another place, or take its channel away', () => {
  const stored = { adcode: '110000', document: DEFAULTS };
  const detailsOf = (body: object) =>
    checkSubscription(body, { ...CONTEXT, stored }).problems.map(({ detail }) => detail);
  assert.deepEqual(detailsOf({ adcode: '310000' }), [
    'adcode cannot be changed; create another subscription',
  ]);
  assert.deepEqual(detailsOf({ channelId: null }), ['channelId is missing; allowed: the id of a channel']);
});

test('a subscription whose day is over can still be changed, but not to another time of this day', () => {
  const stored = { adcode: '110000', document: { ...DEFAULTS, date: '2026-11-20' } };
  assert.deepEqual(checkSubscription({ locale: 'en' }, { ...CONTEXT, stored }).problems, []);
  assert.equal(checkSubscription({ at: '21:00' }, { ...CONTEXT, stored }).problems.length, 1);
});
