/** The text that the service which Sluice replaces sent for one city and day. Its mark is a full-width colon for the date. */
export const originalText = (city: string, date: string, weather: string): string =>
  `城市: ${city} >> 日期：${date} >> 有: ${weather}, 出门请注意带伞`;
