import { pino } from 'pino';

/** A log with one JSON line per entry. The member `process` of an entry names the process that wrote it. */
export type Log = pino.Logger;

/**
 * Characters that JSON allows unescaped, but that could change how a terminal or an editor shows the line: the control
 * characters from U+007F, and characters that are invisible or set the direction of the text. Much of the text comes from
 * senders.
 */
const HIDDEN = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Writes hidden characters of a JSON line as `\uXXXX`, which is the same text in JSON. */
export const escapeHidden = (line: string): string =>
  line.replace(HIDDEN, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Creates a log on standard output. Writes are synchronous, so that the last line before a crash is not lost. */
export function createLog(process: string, level = 'info'): Log {
  const output = pino.destination({ fd: 1, sync: true });
  return pino(
    { level, base: { process }, timestamp: pino.stdTimeFunctions.isoTime },
    { write: (line: string) => void output.write(escapeHidden(line)) },
  );
}
