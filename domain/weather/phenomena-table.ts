/** Categories of weather phenomena, for conditions and symbols. */
export const CATEGORIES = [
  ...(['rain', 'snow', 'sleet', 'freezing', 'thunder', 'hail', 'fog', 'haze', 'dust', 'wind'] as const),
  ...(['clear', 'cloud', 'heat', 'cold', 'unknown'] as const),
] as const;
export type Category = (typeof CATEGORIES)[number];

/** From 0 (harmless) to 5 (dangerous). The scale is Sluice's own, not an official one. */
export type Severity = 0 | 1 | 2 | 3 | 4 | 5;

type Row = readonly [severity: Severity, categories: readonly Category[], ...phenomena: string[]];

/** AMap's phenomena. A range `A-B` has the meaning of `B`. Winds up to Beaufort 5 are harmless. */
const ROWS: readonly Row[] = [
  [0, ['clear'], '晴'],
  [0, ['clear', 'cloud'], '晴间多云'],
  [0, ['cloud'], '少云', '多云', '阴'],
  [0, ['wind'], '有风', '平静', '微风', '和风', '清风'],
  [1, ['wind'], '强风/劲风'],
  [2, ['wind'], '疾风'],
  [3, ['wind'], '大风', '烈风'],
  [4, ['wind'], '风暴', '狂爆风', '热带风暴'],
  [5, ['wind'], '飓风', '龙卷风'],
  [1, ['haze'], '霾'],
  [2, ['haze'], '中度霾'],
  [3, ['haze'], '重度霾'],
  [4, ['haze'], '严重霾'],
  [1, ['rain'], '阵雨', '小雨', '毛毛雨/细雨', '雨'],
  [2, ['rain'], '中雨', '小雨-中雨'],
  [3, ['rain'], '大雨', '强阵雨', '中雨-大雨'],
  [4, ['rain'], '暴雨', '大雨-暴雨'],
  [5, ['rain'], '大暴雨', '特大暴雨', '极端降雨', '暴雨-大暴雨', '大暴雨-特大暴雨'],
  [2, ['rain', 'thunder'], '雷阵雨'],
  [3, ['rain', 'thunder'], '强雷阵雨'],
  [3, ['rain', 'thunder', 'hail'], '雷阵雨并伴有冰雹'],
  [1, ['rain', 'snow', 'sleet'], '雨雪天气', '雨夹雪', '阵雨夹雪'],
  [4, ['rain', 'freezing'], '冻雨'],
  [1, ['snow'], '雪', '阵雪', '小雪'],
  [2, ['snow'], '中雪', '小雪-中雪'],
  [3, ['snow'], '大雪', '中雪-大雪'],
  [4, ['snow'], '暴雪', '大雪-暴雪'],
  [1, ['dust'], '浮尘'],
  [2, ['dust'], '扬沙'],
  [3, ['dust'], '沙尘暴'],
  [4, ['dust'], '强沙尘暴'],
  [1, ['fog'], '雾', '轻雾'],
  [2, ['fog'], '浓雾', '大雾'],
  [3, ['fog'], '强浓雾'],
  [4, ['fog'], '特强浓雾'],
  [1, ['heat'], '热'],
  [1, ['cold'], '冷'],
  [0, ['unknown'], '未知'],
];

/** The meaning of one phenomenon. */
export interface PhenomenonMeaning {
  /** At least one, in the order of CATEGORIES. */
  readonly categories: readonly Category[];
  readonly severity: Severity;
}

/** The 68 texts that AMap uses for weather. Two of them are pairs of names with a slash (`强风/劲风`). */
export const PHENOMENA: readonly string[] = ROWS.flatMap(([, , ...phenomena]) => phenomena);

/** The meaning of each phenomenon, and of each name of a pair. */
export const MEANING_BY_PHENOMENON: ReadonlyMap<string, PhenomenonMeaning> = new Map(
  ROWS.flatMap(([severity, categories, ...phenomena]) =>
    phenomena
      .flatMap((text) => [text, ...text.split('/')])
      .map((text) => [text, { categories, severity }] as const),
  ),
);
