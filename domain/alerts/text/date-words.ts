import { DateTime } from 'luxon';
import type { Locale } from './alert-message.ts';

const WEEKDAYS = {
  zh: ['周一', '周二', '周三', '周四', '周五', '周六', '周日'],
  en: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'],
} as const;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** `10月13日 周日`, `Sun 13 Oct`. `date` is `yyyy-mm-dd`. */
export function dateText(date: string, locale: Locale): string {
  const { month, day, weekday } = DateTime.fromISO(date, { zone: 'utc' });
  const name = WEEKDAYS[locale][weekday - 1] ?? '';
  return locale === 'zh' ? `${month}月${day}日 ${name}` : `${name} ${day} ${MONTHS[month - 1] ?? ''}`;
}

/** `明天`, `今天`, or '' for another day. `now` is in epoch ms. */
export function dayName(date: string, now: number, tz: string, locale: Locale): string {
  const today = DateTime.fromMillis(now, { zone: tz });
  if (today.toISODate() === date) return locale === 'zh' ? '今天' : 'Today';
  if (today.plus({ days: 1 }).toISODate() === date) return locale === 'zh' ? '明天' : 'Tomorrow';
  return '';
}

/** The time of day at an instant (epoch ms): `18:05`. */
export const timeText = (instant: number, tz: string): string =>
  DateTime.fromMillis(instant, { zone: tz }).toFormat('HH:mm');

/** Month, day and time at an instant (epoch ms): `10-12 18:05`. */
export const dateAndTimeText = (instant: number, tz: string): string =>
  DateTime.fromMillis(instant, { zone: tz }).toFormat('MM-dd HH:mm');

/** `90 分钟`, `90 min`. */
export const minutesText = (ms: number, locale: Locale): string =>
  `${Math.floor(ms / 60_000)} ${locale === 'zh' ? '分钟' : 'min'}`;
