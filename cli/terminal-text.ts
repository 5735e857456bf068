import stringWidth from 'string-width';
import { stringifyExactJson } from '../domain/exact-json.ts';
import { escapeHidden, singleLine as oneLine, replaceHidden } from '../domain/hidden-characters.ts';

/** A text of several lines for a terminal. Other control characters become U+FFFD. */
export const printable = (text: string): string => replaceHidden(text.replaceAll('\r\n', '\n'), '\n\t');

export { oneLine };

/** Prints a value as JSON for programs. Characters that could control a terminal are written as `\\uXXXX`. */
export const printJson = (value: unknown, indent = '  '): void =>
  console.log(escapeHidden(stringifyExactJson(value, indent) ?? ''));

/** JSON up to this length stays on one line, which fits a terminal of 120 columns with its label. */
const ONE_LINE_CHARACTERS = 105;

/**
 * Formats JSON for people: short values on one line, others indented by `indent` spaces and cut after `lines` lines.
 */
export function prettyJson(value: unknown, indent: number, lines: number): string {
  const short = printable(stringifyExactJson(value) ?? 'nothing');
  if (short.length <= ONE_LINE_CHARACTERS) return short;
  const all = printable(stringifyExactJson(value, '  ') ?? 'nothing').split('\n');
  const more = all.length - lines;
  const shown = more > 0 ? [...all.slice(0, lines), `… ${more} more lines; --json shows all`] : all;
  return shown.map((line) => truncateLine(line)).join(`\n${' '.repeat(indent)}`);
}

/** Cuts a long line with an ellipsis, and keeps its indentation. */
const truncateLine = (line: string): string => (line.length > 300 ? `${line.slice(0, 299)}…` : line);

/** Formats a duration in milliseconds: `80 ms`, `1.2 s`, `12 s`, `3 min 21 s`, `2 h 5 min`. */
export function durationText(ms: number): string {
  if (ms < 100) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 9_950) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min ${seconds % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Formats the age of an RFC 3339 time in its largest unit: `12 s ago`, `3 h ago`, `5 d ago`. */
export function ageText(time: string, now = Date.now()): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(time)) / 1_000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`;
  return seconds < 86_400 ? `${Math.floor(seconds / 3_600)} h ago` : `${Math.floor(seconds / 86_400)} d ago`;
}

/** Quotes a text as one word for a shell. Ids contain text from senders, and people paste the printed commands. */
export const shellQuote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Aligns rows in columns, two spaces apart. A row may have more columns than the first. */
export function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths =
    rows[0]?.map((_, column) => Math.max(...rows.map((row) => stringWidth(row[column] ?? '')))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - stringWidth(cell))))
      .join('  ')
      .trimEnd(),
  );
}
