/** The kinds of places, from the largest. The four municipalities and the two special regions are provinces. */
export const LEVELS = ['province', 'prefecture', 'county'] as const;
export type Level = (typeof LEVELS)[number];

/** A province, prefecture or county of China, as in the official list of 2024. */
export interface Place {
  /** Six digits. */
  readonly adcode: string;
  /** As in the official list: `乐清市`. */
  readonly name: string;
  /** The names from the province down to the place itself: `['浙江省', '温州市', '乐清市']`, `['北京市', '朝阳区']`. */
  readonly path: readonly string[];
  readonly level: Level;
  /**
   * The adcode of the place that contains this place; a county may be directly in a province. Undefined for a
   * province.
   */
  readonly parent: string | undefined;
  /** The legal time zone, as an IANA name: `Asia/Shanghai` in all of the mainland. */
  readonly timeZone: string;
  /** The usual reading of the name without its 市, 县 or 区: `yue qing`, `lü liang`. */
  readonly pinyin: string;
  /** The first letters of `pinyin`: `yq`. */
  readonly initials: string;
  /** In degrees, 2 decimals. Undefined for most counties. For a province: the latitude of its capital. */
  readonly latitude: number | undefined;
  /** As `latitude`. */
  readonly longitude: number | undefined;
}
