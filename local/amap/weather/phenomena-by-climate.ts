import type { Climate } from './climate.ts';

interface Row {
  readonly phenomena: readonly string[];
  /** How likely the row is, relative to the other rows. 0 if it is impossible. */
  readonly weight: (climate: Climate) => number;
}

const summer = ({ month }: Climate) => month >= 5 && month <= 9;
const south = ({ latitude }: Climate) => latitude < 33;
/** The relative likelihood of rain. 1 in the north outside summer. */
const rainFactor = (climate: Climate) => (summer(climate) ? 2 : 1) * (south(climate) ? 1.5 : 1);

/** Rain occurs only above -2 degrees, snow only below 6 degrees, and storms only above 12 degrees. */
const rains = (climate: Climate, weight: number) => (climate.mean > -2 ? weight * rainFactor(climate) : 0);
const snows = ({ mean }: Climate, weight: number) => (mean < 6 ? weight : 0);
const storms = (climate: Climate, weight: number) =>
  climate.mean > 12 ? weight * (summer(climate) ? 3 : 1) : 0;

/** All of AMap's phenomena with their likelihood by climate. The values are invented, not climatology. */
export const ROWS: readonly Row[] = [
  { phenomena: ['晴'], weight: (climate) => (south(climate) ? 250 : 400) },
  { phenomena: ['多云'], weight: () => 300 },
  { phenomena: ['阴'], weight: () => 150 },
  { phenomena: ['少云', '晴间多云'], weight: () => 60 },
  { phenomena: ['小雨', '阵雨'], weight: (climate) => rains(climate, 100) },
  { phenomena: ['中雨', '小雨-中雨', '毛毛雨/细雨', '雨'], weight: (climate) => rains(climate, 40) },
  { phenomena: ['大雨', '中雨-大雨', '强阵雨'], weight: (climate) => rains(climate, 15) },
  { phenomena: ['暴雨', '大雨-暴雨'], weight: (climate) => storms(climate, 5) },
  {
    phenomena: ['大暴雨', '特大暴雨', '极端降雨', '暴雨-大暴雨', '大暴雨-特大暴雨'],
    weight: (climate) => storms(climate, 2),
  },
  { phenomena: ['雷阵雨'], weight: (climate) => storms(climate, 30) },
  { phenomena: ['强雷阵雨', '雷阵雨并伴有冰雹'], weight: (climate) => storms(climate, 4) },
  { phenomena: ['小雪', '阵雪', '雪'], weight: (climate) => snows(climate, 90) },
  { phenomena: ['中雪', '小雪-中雪'], weight: (climate) => snows(climate, 30) },
  { phenomena: ['大雪', '暴雪', '中雪-大雪', '大雪-暴雪'], weight: (climate) => snows(climate, 10) },
  {
    phenomena: ['雨夹雪', '雨雪天气', '阵雨夹雪', '冻雨'],
    weight: ({ mean }) => (mean > -4 && mean < 6 ? 40 : 0),
  },
  { phenomena: ['霾', '中度霾'], weight: ({ month }) => (month <= 3 || month >= 11 ? 20 : 2) },
  { phenomena: ['重度霾', '严重霾'], weight: ({ month }) => (month <= 2 || month >= 12 ? 5 : 1) },
  { phenomena: ['雾', '轻雾'], weight: () => 12 },
  { phenomena: ['浓雾', '大雾', '强浓雾', '特强浓雾'], weight: () => 5 },
  {
    phenomena: ['浮尘', '扬沙'],
    weight: (climate) => (!south(climate) && climate.month >= 3 && climate.month <= 5 ? 30 : 2),
  },
  {
    phenomena: ['沙尘暴', '强沙尘暴'],
    weight: (climate) => (!south(climate) && climate.month >= 3 && climate.month <= 5 ? 5 : 1),
  },
  { phenomena: ['有风', '平静', '微风', '和风', '清风'], weight: () => 8 },
  { phenomena: ['强风/劲风', '疾风', '大风', '烈风'], weight: () => 4 },
  {
    phenomena: ['风暴', '狂爆风', '飓风', '热带风暴', '龙卷风'],
    weight: (climate) => (south(climate) && summer(climate) ? 4 : 1),
  },
  { phenomena: ['热'], weight: ({ mean }) => (mean > 27 ? 20 : 1) },
  { phenomena: ['冷'], weight: ({ mean }) => (mean < -8 ? 20 : 1) },
  { phenomena: ['未知'], weight: () => 1 },
];
