import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, play, type Story } from './run-occurrence.ts';

/** What must be written for the forecast of Beijing for 13 October, from noon on the 12th. Times are in Beijing. */
const stories: readonly (readonly [what: string, story: Story, ...written: string[]])[] = [
  [
    'rain that is gone at 20:00 sends nothing',
    {
      forecasts: [
        ['12 08:40', '小雨'],
        ['12 18:40', '晴'],
      ],
    },
    '12 20:00 skip no_match',
  ],
  [
    'rain that appears before 20:00 sends one message, however often the forecast is redelivered',
    {
      forecasts: [
        ['12 08:40', '晴'],
        ...['12 18:40', '12 18:41', '12 20:00', '12 20:01', '12 20:02', '12 20:03'].map(
          (time) => [time, '小雨'] as const,
        ),
      ],
    },
    '12 20:00 deliver',
  ],
  [
    'rain that goes after the message is withdrawn once, and a second change sends nothing',
    {
      forecasts: [
        ['12 18:40', '小雨'],
        ['12 21:10', '晴'],
        ['12 21:40', '小雨'],
      ],
    },
    '12 20:00 deliver',
    '12 21:10 correct withdrawn',
  ],
  [
    'rain that appears after a skipped message is added once',
    {
      forecasts: [
        ['12 18:40', '晴'],
        ['12 20:50', '暴雨'],
        ['12 21:20', '晴'],
      ],
    },
    '12 20:00 skip no_match',
    '12 20:50 correct added',
  ],
  [
    'rain that appears at night waits for the morning',
    {
      forecasts: [
        ['12 18:40', '晴'],
        ['12 22:30', '暴雨'],
      ],
    },
    '12 20:00 skip no_match',
    '13 06:30 correct added',
  ],
  [
    'rain that appears at night and is gone by the morning sends nothing',
    {
      forecasts: [
        ['12 18:40', '晴'],
        ['12 22:30', '暴雨'],
        ['13 05:40', '晴'],
      ],
    },
    '12 20:00 skip no_match',
  ],
  [
    'rain that appears on the day itself, but after 09:00, sends nothing',
    {
      forecasts: [
        ['12 18:40', '晴'],
        ['13 00:40', '晴'],
        ['13 09:00', '暴雨'],
      ],
    },
    '12 20:00 skip no_match',
  ],
  [
    'light rain that becomes heavy is no correction',
    {
      forecasts: [
        ['12 18:40', '小雨'],
        ['12 20:40', '中雨'],
        ['12 21:40', '大暴雨'],
      ],
    },
    '12 20:00 deliver',
  ],
  [
    'down from 19:50 to 21:30, the message comes 90 minutes late',
    { forecasts: [['12 18:40', '小雨']], down: ['12 19:50', '12 21:30'] },
    '12 21:30 deliver 90 min late',
  ],
  [
    'down from 19:55 to 20:40, the message comes 40 minutes late',
    { forecasts: [['12 18:40', '小雨']], down: ['12 19:55', '12 20:40'] },
    '12 20:40 deliver 40 min late',
  ],
  [
    'down until 23:40, the message expires and nothing is sent at night or in the morning',
    {
      forecasts: [
        ['12 18:40', '小雨'],
        ['13 06:40', '暴雨'],
      ],
      down: ['12 19:50', '12 23:40'],
    },
    '12 23:40 expire',
  ],
  [
    'down until 09:00, the message expires',
    { forecasts: [['12 18:40', '小雨']], down: ['12 19:55', '13 09:00'] },
    '13 09:00 expire',
  ],
  [
    'down for three days, the message expires',
    { forecasts: [['12 11:40', '小雨']], down: ['12 19:50', '15 19:00'] },
    '15 19:00 expire',
  ],
  [
    'down for three days, the message of the next day is sent in time',
    { forecasts: [['15 18:40', '小雨']], date: '2026-10-16', down: ['12 19:50', '15 19:00'] },
    '15 20:00 deliver',
  ],
  [
    'created at 20:05, the first message is not the one that was due at 20:00',
    {
      forecasts: [['12 18:40', '小雨']],
      changes: [['12 12:00', { createdAt: Date.parse('2026-10-12T20:05:00+08:00') }]],
    },
  ],
  [
    'moved at 19:59 from 20:00 to 21:00, one message comes at 21:00',
    { forecasts: [['12 18:40', '小雨']], changes: [['12 19:59', { at: '21:00' }]] },
    '12 21:00 deliver',
  ],
  [
    'moved at 20:10 to 21:00, no second message comes',
    { forecasts: [['12 18:40', '小雨']], changes: [['12 20:10', { at: '21:00' }]] },
    '12 20:00 deliver',
  ],
  [
    'deleted before 20:00, the message is cancelled',
    { forecasts: [['12 18:40', '小雨']], changes: [['12 19:59', { deletedAt: at('12 19:59') }]] },
    '12 19:59 skip cancelled',
  ],
  [
    'deleted after the message, nothing is corrected',
    {
      forecasts: [
        ['12 18:40', '小雨'],
        ['12 21:10', '晴'],
      ],
      changes: [['12 20:30', { deletedAt: at('12 20:30') }]],
    },
    '12 20:00 deliver',
  ],
  [
    'at 20:00 in Urumqi, the message comes at 22:00 in Beijing',
    { forecasts: [['12 18:40', '小雨']], changes: [['12 12:00', { tz: 'Asia/Urumqi' }]] },
    '12 22:00 deliver',
  ],
  [
    'a message that the channel refuses is not repeated and not corrected',
    {
      forecasts: [
        ['12 18:40', '小雨'],
        ['12 21:10', '晴'],
      ],
      outcome: 'failed',
    },
    '12 20:00 deliver',
  ],
  [
    'a message that may have been sent is corrected like one that was',
    {
      forecasts: [
        ['12 18:40', '小雨'],
        ['12 21:10', '晴'],
      ],
      outcome: 'unknown',
    },
    '12 20:00 deliver',
    '12 21:10 correct withdrawn',
  ],
  [
    'without any forecast until the end of the late window, there is no data',
    { forecasts: [] },
    '12 23:00 no_data',
  ],
  ['a forecast without the day is no data', { forecasts: [['12 18:40', '']] }, '12 23:00 no_data'],
  [
    'a forecast with an unknown weather is no data',
    { forecasts: [['12 18:40', '未知']] },
    '12 23:00 no_data',
  ],
  [
    'a forecast that comes late is used when it comes',
    { forecasts: [['12 21:17', '小雨']] },
    '12 21:17 deliver 77 min late',
  ],
  [
    'a forecast of more than twelve hours ago is no data for an alert',
    { forecasts: [['12 07:59', '小雨']] },
    '12 23:00 no_data',
  ],
  [
    'a forecast of more than twelve hours ago is sent to a subscription that always sends, and marked',
    { forecasts: [['12 07:59', '小雨']], changes: [['12 12:00', { mode: 'always' }]] },
    '12 20:00 deliver stale',
  ],
  [
    'a subscription that always sends gets a dry day too, and a correction if rain appears',
    {
      forecasts: [
        ['12 18:40', '晴'],
        ['12 20:50', '小雨'],
      ],
      changes: [['12 12:00', { mode: 'always' }]],
    },
    '12 20:00 deliver',
    '12 20:50 correct added',
  ],
  [
    'quiet hours hold a correction until they end, but not the message',
    {
      forecasts: [
        ['12 18:40', '小雨'],
        ['12 21:10', '晴'],
      ],
      changes: [['12 12:00', { quiet: { from: '19:00', to: '07:15' } }]],
    },
    '12 20:00 deliver',
    '13 07:15 correct withdrawn',
  ],
  [
    'a correction that quiet hours hold is dropped if it is no longer true',
    {
      forecasts: [
        ['12 18:40', '小雨'],
        ['12 21:10', '晴'],
        ['13 00:10', '小雨'],
      ],
      changes: [['12 12:00', { quiet: { from: '21:00', to: '07:15' } }]],
    },
    '12 20:00 deliver',
  ],
  [
    'quiet hours over the whole morning leave no correction',
    {
      forecasts: [
        ['12 18:40', '小雨'],
        ['12 21:10', '晴'],
      ],
      changes: [['12 12:00', { quiet: { from: '21:00', to: '09:00' } }]],
    },
    '12 20:00 deliver',
  ],
  [
    'muted over the due time, the message is skipped',
    {
      forecasts: [['12 18:40', '小雨']],
      changes: [['12 12:00', { mutedUntil: Date.parse('2026-10-12T20:30:00+08:00') }]],
    },
    '12 20:00 skip muted',
  ],
  [
    'muted until the due time, the message is sent',
    {
      forecasts: [['12 18:40', '小雨']],
      changes: [['12 12:00', { mutedUntil: Date.parse('2026-10-12T20:00:00+08:00') }]],
    },
    '12 20:00 deliver',
  ],
  [
    'muted after the message, the correction waits',
    {
      forecasts: [
        ['12 18:40', '小雨'],
        ['12 21:10', '晴'],
      ],
      changes: [['12 20:30', { mutedUntil: Date.parse('2026-10-12T21:45:00+08:00') }]],
    },
    '12 20:00 deliver',
    '12 21:45 correct withdrawn',
  ],
  [
    'paused, the message is skipped',
    { forecasts: [['12 18:40', '小雨']], changes: [['12 19:00', { paused: true }]] },
    '12 20:00 skip paused',
  ],
  [
    'resumed before 20:00, the message is sent',
    {
      forecasts: [['12 18:40', '小雨']],
      changes: [
        ['12 19:00', { paused: true }],
        ['12 19:30', { paused: false }],
      ],
    },
    '12 20:00 deliver',
  ],
  [
    'paused after the message and resumed, the correction is sent then',
    {
      forecasts: [
        ['12 18:40', '小雨'],
        ['12 21:10', '晴'],
      ],
      changes: [
        ['12 21:00', { paused: true }],
        ['12 21:20', { paused: false }],
      ],
    },
    '12 20:00 deliver',
    '12 21:20 correct withdrawn',
  ],
  [
    // 13 October is a Tuesday. 12 October, the day of the message, is a Monday.
    'the days are those of the forecast, not those of the message',
    { forecasts: [['12 18:40', '小雨']], changes: [['12 12:00', { days: [1] }]] },
    '12 20:00 skip not_a_day',
  ],
  [
    'a Tuesday on the list of days is sent',
    { forecasts: [['12 18:40', '小雨']], changes: [['12 12:00', { days: [2] }]] },
    '12 20:00 deliver',
  ],
  [
    'a subscription for another date sends nothing',
    { forecasts: [['12 18:40', '小雨']], changes: [['12 12:00', { date: '2026-10-14' }]] },
  ],
  [
    'a subscription for this date is sent',
    { forecasts: [['12 18:40', '小雨']], changes: [['12 12:00', { date: '2026-10-13' }]] },
    '12 20:00 deliver',
  ],
  [
    'without corrections, a change sends nothing',
    {
      forecasts: [
        ['12 18:40', '小雨'],
        ['12 21:10', '晴'],
      ],
      changes: [['12 12:00', { correction: false }]],
    },
    '12 20:00 deliver',
  ],
  [
    'at 22:00 with a late window of three hours, the message expires at midnight',
    {
      forecasts: [['12 18:40', '小雨']],
      changes: [['12 12:00', { at: '22:00' }]],
      down: ['12 21:00', '13 00:00'],
    },
    '13 00:00 expire',
  ],
  [
    'at 22:00 with a late window of three hours, a message is still sent just before midnight',
    {
      forecasts: [['12 18:40', '小雨']],
      changes: [['12 12:00', { at: '22:00' }]],
      down: ['12 21:00', '12 23:59'],
    },
    '12 23:59 deliver 119 min late',
  ],
];

for (const [what, story, ...written] of stories) {
  test(what, () => assert.deepEqual(play(story), written));
}
