/** RFC 3339, plus the zone names in EventBridge's own timestamps. Both names mean UTC+8. */
const TIMESTAMP =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(\.\d+)?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d|Asia\/Shanghai|PRC)$/;

const MS_PER_MINUTE = 60_000;

/** Parses a timestamp into epoch ms. Returns undefined if the text is not a timestamp or the day does not exist. */
export function parseTimestampMs(text: string): number | undefined {
  const match = TIMESTAMP.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
  if (month < 1 || month > 12 || day < 1 || day > days || hour > 23 || minute > 59 || second > 60)
    return undefined;
  const fraction = Math.floor(Number(match[7] ?? 0) * 1_000);
  // Date.UTC maps years below 100 to 1900 and later, so the parts are set with setUTCFullYear and setUTCHours.
  const wall = new Date(0);
  wall.setUTCFullYear(year, month - 1, day);
  wall.setUTCHours(hour, minute, Math.min(second, 59), fraction);
  return wall.getTime() - offsetMinutes(match[8] ?? 'Z') * MS_PER_MINUTE;
}

function offsetMinutes(zone: string): number {
  if (/^z$/i.test(zone)) return 0;
  if (!/^[+-]/.test(zone)) return 8 * 60;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6));
  return zone.startsWith('-') ? -minutes : minutes;
}
