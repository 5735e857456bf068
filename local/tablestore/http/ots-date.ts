const OTS_DATE = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?Z$/;

/**
 * Returns the epoch ms of an `x-ots-date`, to the second, or NaN. Ignores the fraction, because the vendor's Go
 * client writes month, day and hour as the fraction.
 */
export function readOtsDate(text: string): number {
  const parts = OTS_DATE.exec(text);
  if (parts === null) return Number.NaN;
  const [, year, month, day, hour, minute, second] = parts;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

/** Formats epoch ms as the service does in its answers, in µs. */
export const writeOtsDate = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z');
