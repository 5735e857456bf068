/** What kind of place, from the whole to its parts. The four municipalities and the two special regions are provinces. */
export const LEVELS = ['province', 'prefecture', 'county'] as const;
export type Level = (typeof LEVELS)[number];

/** A province, prefecture or county of China, as the state's list of 2024 has it. */
export interface Place {
  /** Six digits. */
  readonly adcode: string;
  /** As the list writes it: `乐清市`. */
  readonly name: string;
  /** The names from the province down to its own: `['浙江省', '温州市', '乐清市']`, `['北京市', '朝阳区']`. */
  readonly path: readonly string[];
  readonly level: Level;
  /** The adcode of what it lies in; a county may lie in a province directly. Undefined for a province. */
  readonly parent: string | undefined;
  /** Of the IANA database, by law: `Asia/Shanghai` in all of the mainland. */
  readonly timeZone: string;
  /** How the name without its 市, 县 or 区 is usually read: `yue qing`, `lü liang`. */
  readonly pinyin: string;
  /** The first letters of that reading: `yq`. */
  readonly initials: string;
  /** In degrees to 2 decimals; undefined together, as they are for most counties. A province's are its capital's. */
  readonly latitude: number | undefined;
  readonly longitude: number | undefined;
}
