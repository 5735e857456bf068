import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { AlertMessage, AlertSection } from '../../../../domain/alerts/text/alert-message.ts';
import { messageTexts } from '../../../../domain/alerts/text/message-text.ts';
import type { DayForecast } from '../../../../domain/weather/forecast.ts';
import { dayForecast } from '../day-forecast.ts';

const SHANGHAI = 'Asia/Shanghai';
const at = (time: string): number => Date.parse(`${time}+08:00`);

const section = (
  zh: string,
  en: string,
  weather: Partial<DayForecast>,
  severity: AlertSection['decision']['severity'] = 0,
): AlertSection => ({
  name: { zh, en },
  forecast: dayForecast('2019-10-13', weather),
  decision: { matched: severity === 0 ? [] : ['any[0]'], severity },
});

const beijing = section(
  '北京·朝阳区',
  'Chaoyang, Beijing',
  { dayweather: '小雨', nightweather: '多云', daytemp: '18', nighttemp: '11', daywind: '东', daypower: '≤3' },
  1,
);
const shanghai = section(
  '上海',
  'Shanghai',
  {
    dayweather: '暴雨',
    nightweather: '暴雨',
    daytemp: '24',
    nighttemp: '20',
    daywind: '东南',
    daypower: '5',
  },
  4,
);
const guangzhou = section('广州', 'Guangzhou', {
  dayweather: '多云',
  nightweather: '多云',
  daytemp: '31',
  nighttemp: '25',
  daywind: '',
  daypower: '',
  nightwind: '',
  nightpower: '',
});

const message = (changes: Partial<AlertMessage> = {}): AlertMessage => ({
  ...{ locale: 'zh', date: '2019-10-13', tz: SHANGHAI, now: at('2019-10-12T20:00:07'), lateMs: 7_000 },
  ...{ sections: [guangzhou, beijing, shanghai], attribution: '高德天气' },
  ...{ issuedAt: at('2019-10-12T18:05:00'), shortId: '7f3a' },
  ...changes,
});

const LIMIT = { maxBytes: 18_000 };
const golden = (name: string): string =>
  readFileSync(new URL(`../../../../../test/domain/alerts/text/golden/${name}.md`, import.meta.url), 'utf8');

/** Each golden file has the title in its first line, and then the text. It was written by hand. */
const files: readonly (readonly [name: string, what: string, message: AlertMessage])[] = [
  ['three-cities.zh', 'three cities in Chinese, the matched ones first', message()],
  ['three-cities.en', 'three cities in English', message({ locale: 'en' })],
  ['one-city.zh', 'one city', message({ sections: [beijing] })],
  ['one-city.en', 'one city in English', message({ locale: 'en', sections: [beijing] })],
  ['no-match.zh', 'a day without alerts', message({ sections: [guangzhou] })],
  [
    'late.zh',
    'a late message',
    message({ now: at('2019-10-12T21:30:00'), lateMs: 90 * 60_000, sections: [beijing] }),
  ],
  [
    'late.en',
    'a late message in English',
    message({ locale: 'en', now: at('2019-10-12T21:30:00'), lateMs: 90 * 60_000, sections: [beijing] }),
  ],
  [
    'stale.zh',
    'an old forecast without a time of issue',
    message({ sections: [{ ...beijing, staleSince: at('2019-10-12T08:03:00') }], issuedAt: undefined }),
  ],
  [
    'withdrawn.zh',
    'a correction: the rain does not come',
    message({
      now: at('2019-10-12T21:10:00'),
      sections: [
        {
          ...section('北京·朝阳区', 'Chaoyang, Beijing', { dayweather: '晴', nightweather: '晴' }),
          correction: {
            change: 'withdrawn',
            before: dayForecast('2019-10-13', { dayweather: '小雨', nightweather: '小雨' }),
          },
        },
      ],
    }),
  ],
  [
    'added.en',
    'a correction in the morning of the day: a rainstorm',
    message({
      locale: 'en',
      now: at('2019-10-13T06:30:00'),
      sections: [
        {
          ...shanghai,
          correction: { change: 'added', before: dayForecast('2019-10-13', { dayweather: '多云' }) },
        },
      ],
    }),
  ],
];
for (const [name, what, given] of files)
  test(`the text of ${what} is that of ${name}.md`, () => {
    const [text, ...others] = messageTexts(given, LIMIT);
    assert.deepEqual(others, []);
    assert.equal(`${text?.title}\n\n${text?.markdown}\n`, golden(name));
  });

test('times are those of the zone of the message', () => {
  const [text] = messageTexts(message({ tz: 'Asia/Urumqi', sections: [beijing] }), LIMIT);
  assert.match(text?.markdown ?? '', /高德天气 10-12 16:05 发布 · 18:00 生成/);
});

test('markup of a provider or a place is shown as text', () => {
  const evil = section('[北京](https://x)', 'x', { dayweather: '**雨**\n# 1', nightweather: '<b>' }, 1);
  const [text] = messageTexts(message({ sections: [evil] }), LIMIT);
  assert.match(text?.markdown ?? '', /\*\*\\\[北京\\\]\(https\\?:\\?\/\/x\)\*\*/);
  assert.doesNotMatch(text?.markdown ?? '', /\n# 1|<b>/);
  assert.doesNotMatch(text?.title ?? '', /\n/);
});

test('every part has the keyword', () => {
  const sections = Array.from({ length: 60 }, (_, n) => ({
    ...beijing,
    name: { zh: `城市${n}`, en: `City ${n}` },
  }));
  for (const keyword of ['天气', 'robot-keyword']) {
    const parts = messageTexts(message({ sections }), { maxBytes: 1_500, keyword });
    assert.ok(parts.length > 1);
    for (const { markdown } of parts) assert.ok(markdown.includes(keyword));
  }
});

test('a long message is split between places: no part is too long, no place is lost, and the parts are numbered', () => {
  const sections = Array.from({ length: 60 }, (_, n) => ({
    ...beijing,
    name: { zh: `很长的城市名😀${n}号`, en: `City ${n}` },
  }));
  for (const maxBytes of [700, 1_000, 4_097, 20_000]) {
    const parts = messageTexts(message({ sections }), { maxBytes });
    const all = parts.map(({ markdown }) => markdown).join('\n');
    for (const { markdown } of parts) assert.ok(Buffer.byteLength(markdown) <= maxBytes);
    assert.doesNotMatch(all, /\ufffd/);
    for (let n = 0; n < 60; n++) assert.equal(all.split(`😀${n}号`).length, 2);
    const numbers = parts.map(({ title }) => /（(\d+)\/(\d+)）/.exec(title)?.slice(1).join('/'));
    const expected = parts.map((_, index) =>
      parts.length === 1 ? undefined : `${index + 1}/${parts.length}`,
    );
    assert.deepEqual(numbers, expected);
  }
});
