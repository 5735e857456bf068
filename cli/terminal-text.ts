/** Control and formatting characters: senders choose much of what is shown, and must not steer the terminal with it. */
const UNSEEN = /[\p{Cc}\p{Cf}]/gu;

/** A text of several lines, for a terminal: other control characters are shown as U+FFFD. */
export const printable = (text: string): string =>
  text.replaceAll('\r\n', '\n').replace(UNSEEN, (char) => (char === '\n' || char === '\t' ? char : '\ufffd'));

/** A text on one line, for a terminal, cut to `width` characters. */
export function oneLine(text: string, width = Number.POSITIVE_INFINITY): string {
  const line = text.replace(/\s+/g, ' ').trim().replace(UNSEEN, '\ufffd');
  const characters = [...line];
  return characters.length > width ? `${characters.slice(0, width - 1).join('')}…` : line;
}

/** Shorter JSON stays on one line, also of a terminal with 120 columns. */
const SHORT = 105;

/** A value as JSON for people: short on one line, else indented by `indent` spaces and cut after `lines` lines. */
export function prettyJson(value: unknown, indent: number, lines: number): string {
  const short = printable(JSON.stringify(value) ?? 'nothing');
  if (short.length <= SHORT) return short;
  const all = printable(JSON.stringify(value, undefined, 2) ?? 'nothing').split('\n');
  const more = all.length - lines;
  const shown = more > 0 ? [...all.slice(0, lines), `… ${more} more lines, with --json all`] : all;
  return shown.map((line) => oneLineOf(line)).join(`\n${' '.repeat(indent)}`);
}

/** Indentation stays; what is long ends with an ellipsis. */
const oneLineOf = (line: string): string => (line.length > 300 ? `${line.slice(0, 299)}…` : line);
