/**
 * The first value of each parameter of a target's query, as Go's url.ParseQuery (1.17 and later) reads it: a pair with an
 * invalid percent-escape or with a semicolon is left out, the others count.
 */
export function readGoQuery(target: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  const mark = target.indexOf('?');
  if (mark < 0) return values;
  for (const pair of target.slice(mark + 1).split('&')) {
    if (pair === '' || pair.includes(';')) continue;
    const equals = pair.indexOf('=');
    const name = unescaped(equals < 0 ? pair : pair.slice(0, equals));
    const value = unescaped(equals < 0 ? '' : pair.slice(equals + 1));
    if (name !== undefined && value !== undefined && !values.has(name)) values.set(name, value);
  }
  return values;
}

/** Node.js hands in bytes as characters of Latin-1, and so do the escapes. */
function unescaped(text: string): string | undefined {
  if (/%(?![\da-f]{2})/i.test(text)) return undefined;
  const bytes = text
    .replaceAll('+', ' ')
    .replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
