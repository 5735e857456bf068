/** AMap's words for Open-Meteo's weather codes: those codes of WMO 4677 that Open-Meteo documents. */
const PHENOMENON_BY_CODE: ReadonlyMap<number, string> = new Map([
  [0, '晴'],
  [1, '少云'],
  [2, '多云'],
  [3, '阴'],
  [45, '雾'],
  [48, '雾'],
  [51, '毛毛雨/细雨'],
  [53, '毛毛雨/细雨'],
  [55, '毛毛雨/细雨'],
  [56, '冻雨'],
  [57, '冻雨'],
  [61, '小雨'],
  [63, '中雨'],
  [65, '大雨'],
  [66, '冻雨'],
  [67, '冻雨'],
  [71, '小雪'],
  [73, '中雪'],
  [75, '大雪'],
  [77, '小雪'],
  [80, '阵雨'],
  [81, '阵雨'],
  [82, '强阵雨'],
  [85, '阵雪'],
  // AMap has no heavy snow shower.
  [86, '大雪'],
  [95, '雷阵雨'],
  [96, '雷阵雨并伴有冰雹'],
  [99, '雷阵雨并伴有冰雹'],
]);

/** Returns AMap's phenomenon for a WMO weather code; `未知` for a code that Open-Meteo does not document. */
export function wmoPhenomenon(code: number): string {
  return PHENOMENON_BY_CODE.get(code) ?? '未知';
}
