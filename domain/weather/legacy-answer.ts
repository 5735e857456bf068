/** The result of a query with `GET /api/weather/query`, a route of the original weather service. */
export type LegacyQueryResult =
  /**
   * The row's columns, all texts; undefined if there is no row. Columns that the original did not have are omitted.
   */
  | { readonly row: Readonly<Record<string, string>> | undefined }
  /** The parameter that is missing. An empty parameter is not missing. `cityCode` is checked first. */
  | { readonly missing: 'cityCode' | 'date' }
  /** The store failed to answer. */
  | { readonly failed: string };

/** In the order of Go's encoding/json, which sorts a map by its keys. */
const COLUMNS = [
  ...['adcode', 'city', 'date', 'daypower', 'daytemp', 'dayweather', 'daywind'],
  ...['nightpower', 'nighttemp', 'nightweather', 'nightwind', 'province', 'reporttime', 'week'],
] as const;

/**
 * Returns the body of `GET /api/weather/query` as the original service answered it, always with status 200 and
 * `Content-Type: application/json` (no charset). Its handler (knative-sample/weather-service, pkg/api/weather.go)
 * writes the json.Marshal output of a struct of code, message and data, without a final line feed. `data` is null if
 * the row was not queried, and `{}` if there is no row.
 */
export function legacyAnswer(outcome: LegacyQueryResult): string {
  if ('missing' in outcome) return jsonBody(400, `${outcome.missing} param a does not exist`, 'null');
  if ('failed' in outcome) return jsonBody(400, `Query error: ${outcome.failed}`, 'null');
  const { row = {} } = outcome;
  const fields = COLUMNS.flatMap((name) => {
    const value = row[name];
    return value === undefined ? [] : [`"${name}":${goJsonString(value)}`];
  });
  return jsonBody(200, '', `{${fields.join(',')}}`);
}

function jsonBody(code: number, message: string, data: string): string {
  return `{"code":${code},"message":${goJsonString(message)},"data":${data}}`;
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** Returns a JSON string as Go's json.Marshal writes it: escapes `<`, `>` and `&`; a lone surrogate is `\ufffd`. */
function goJsonString(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escapes control characters
  const escaped = text.replace(/["\\\u0000-\u001f<>&\u2028\u2029]|[\ud800-\udfff]/gu, (character) => {
    const code = character.charCodeAt(0);
    const shown = code >= 0xd800 && code <= 0xdfff ? 0xfffd : code;
    return SHORT_ESCAPES[character] ?? `\\u${shown.toString(16).padStart(4, '0')}`;
  });
  return `"${escaped}"`;
}
