import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classifyPhenomenon, PHENOMENA } from '../../../domain/weather/phenomena.ts';

/** The official table's 68 texts in its order, each with severity and categories, written by hand. */
const table: readonly (readonly [text: string, severity: number, categories: string])[] = [
  ['晴', 0, 'clear'],
  ['少云', 0, 'cloud'],
  ['晴间多云', 0, 'clear cloud'],
  ['多云', 0, 'cloud'],
  ['阴', 0, 'cloud'],
  ['有风', 0, 'wind'],
  ['平静', 0, 'wind'],
  ['微风', 0, 'wind'],
  ['和风', 0, 'wind'],
  ['清风', 0, 'wind'],
  ['强风/劲风', 1, 'wind'],
  ['疾风', 2, 'wind'],
  ['大风', 3, 'wind'],
  ['烈风', 3, 'wind'],
  ['风暴', 4, 'wind'],
  ['狂爆风', 4, 'wind'],
  ['飓风', 5, 'wind'],
  ['热带风暴', 4, 'wind'],
  ['龙卷风', 5, 'wind'],
  ['霾', 1, 'haze'],
  ['中度霾', 2, 'haze'],
  ['重度霾', 3, 'haze'],
  ['严重霾', 4, 'haze'],
  ['阵雨', 1, 'rain'],
  ['雷阵雨', 2, 'rain thunder'],
  ['雷阵雨并伴有冰雹', 3, 'rain thunder hail'],
  ['小雨', 1, 'rain'],
  ['中雨', 2, 'rain'],
  ['大雨', 3, 'rain'],
  ['暴雨', 4, 'rain'],
  ['大暴雨', 5, 'rain'],
  ['特大暴雨', 5, 'rain'],
  ['强阵雨', 3, 'rain'],
  ['强雷阵雨', 3, 'rain thunder'],
  ['极端降雨', 5, 'rain'],
  ['毛毛雨/细雨', 1, 'rain'],
  ['雨', 1, 'rain'],
  ['小雨-中雨', 2, 'rain'],
  ['中雨-大雨', 3, 'rain'],
  ['大雨-暴雨', 4, 'rain'],
  ['暴雨-大暴雨', 5, 'rain'],
  ['大暴雨-特大暴雨', 5, 'rain'],
  ['雨雪天气', 1, 'rain snow sleet'],
  ['雨夹雪', 1, 'rain snow sleet'],
  ['阵雨夹雪', 1, 'rain snow sleet'],
  ['冻雨', 4, 'rain freezing'],
  ['雪', 1, 'snow'],
  ['阵雪', 1, 'snow'],
  ['小雪', 1, 'snow'],
  ['中雪', 2, 'snow'],
  ['大雪', 3, 'snow'],
  ['暴雪', 4, 'snow'],
  ['小雪-中雪', 2, 'snow'],
  ['中雪-大雪', 3, 'snow'],
  ['大雪-暴雪', 4, 'snow'],
  ['浮尘', 1, 'dust'],
  ['扬沙', 2, 'dust'],
  ['沙尘暴', 3, 'dust'],
  ['强沙尘暴', 4, 'dust'],
  ['雾', 1, 'fog'],
  ['浓雾', 2, 'fog'],
  ['强浓雾', 3, 'fog'],
  ['轻雾', 1, 'fog'],
  ['大雾', 2, 'fog'],
  ['特强浓雾', 4, 'fog'],
  ['热', 1, 'heat'],
  ['冷', 1, 'cold'],
  ['未知', 0, 'unknown'],
];

test('PHENOMENA has exactly the 68 official texts', () => {
  assert.equal(PHENOMENA.length, 68);
  assert.deepEqual([...PHENOMENA].sort(), table.map(([text]) => text).sort());
});

for (const [text, severity, categories] of table) {
  test(`classifies ${text} as ${categories}, severity ${severity}`, () =>
    assert.deepEqual(classifyPhenomenon(text), { categories: categories.split(' '), severity, known: true }));
}

const named: readonly (readonly [text: string, same: string])[] = [
  ['强风', '强风/劲风'],
  ['劲风', '强风/劲风'],
  ['毛毛雨', '毛毛雨/细雨'],
  ['细雨', '毛毛雨/细雨'],
  [' 小雨 ', '小雨'],
  ['', '未知'],
];

for (const [text, same] of named) {
  test(`classifies ${JSON.stringify(text)} like ${same}`, () =>
    assert.deepEqual(classifyPhenomenon(text), classifyPhenomenon(same)));
}

const invented: readonly (readonly [text: string, severity: number, categories: string])[] = [
  ['局地短时强降雨', 3, 'rain'],
  ['小雨转多云', 1, 'rain cloud'],
  ['小雨转奇观', 1, 'rain'],
  ['阵雨-强雷阵雨', 3, 'rain thunder'],
  ['小雪~大雪', 3, 'snow'],
  ['雷暴伴冰雹', 4, 'thunder hail'],
  ['特大暴雪', 5, 'snow'],
  ['台风', 4, 'wind'],
  ['热带气旋', 0, 'unknown'],
  ['高温', 1, 'heat'],
  ['寒潮', 1, 'cold'],
  ['晴转阴', 0, 'clear cloud'],
  ['局部多云', 0, 'cloud'],
  ['大部晴朗', 0, 'clear'],
  ['太阳雨', 1, 'rain'],
  ['Sunny', 0, 'unknown'],
  ['-', 0, 'unknown'],
  ['constructor', 0, 'unknown'],
];

for (const [text, severity, categories] of invented) {
  test(`guesses ${categories}, severity ${severity}, for the unknown text ${text}`, () =>
    assert.deepEqual(classifyPhenomenon(text), {
      categories: categories.split(' '),
      severity,
      known: false,
    }));
}
