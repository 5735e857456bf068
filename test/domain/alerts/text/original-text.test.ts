import assert from 'node:assert/strict';
import { test } from 'node:test';
import { originalText } from '../../../../domain/alerts/text/original-text.ts';
import { dayForecast } from '../day-forecast.ts';

test('the text of the replaced service names place, day and weather', () => {
  assert.equal(
    originalText('110000', dayForecast('2019-10-13', { dayweather: '小雨' })),
    '城市: 北京市 >> 日期：2019-10-13 >> 有: 小雨, 出门请注意带伞',
  );
});
