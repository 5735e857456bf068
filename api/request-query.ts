import type { ProblemDetails } from './problem.ts';

export type ParameterError = NonNullable<ProblemDetails['errors']>[number];

/**
 * The maximum number of values in a query. A valid query has fewer: at most 50 adcodes, a text of 100 characters, and
 * some numbers. Each value can cause an error message.
 */
const MAX_VALUES = 200;

/** The parameters of a request's query. */
export class RequestQuery {
  readonly #values = new Map<string, string[]>();
  /** The number of values. Commas separate values, too. */
  readonly size: number;

  /** Parses the query of a request target such as `/v1/cities?q=x`. */
  constructor(target: string) {
    const questionMark = target.indexOf('?');
    let size = 0;
    for (const [name, value] of new URLSearchParams(questionMark < 0 ? '' : target.slice(questionMark + 1))) {
      const values = this.#values.get(name);
      if (values === undefined) this.#values.set(name, [value]);
      else values.push(value);
      size += value.split(',').length;
    }
    this.size = size;
  }

  get names(): readonly string[] {
    return [...this.#values.keys()];
  }

  /** The values of a parameter, separated by commas; '' if there is none. */
  valueOf(name: string): string {
    return this.#values.get(name)?.join(',') ?? '';
  }
}

/**
 * Returns the error of a query with more values than any valid query has; undefined if there is none. The validator and
 * the messages would take time for each of the values.
 */
export function tooManyValues({ size }: RequestQuery): ParameterError | undefined {
  if (size <= MAX_VALUES) return undefined;
  const detail = `the query has ${size} values: it must have at most ${MAX_VALUES}`;
  return { in: 'query', name: 'query', detail };
}

/** Returns the errors of parameters whose names have brackets. The validator would read them as objects. */
export const bracketErrors = (query: RequestQuery): ParameterError[] =>
  query.names.filter((name) => name.includes('[')).map(unknownParameter);

/**
 * Returns the errors that the validator does not find. These are unknown parameters, numbers in JavaScript syntax
 * such as `0x10` and `1e1`, and numbers with so many digits that JavaScript reads them as infinite. `types` has the
 * type of each known parameter.
 */
export const errorsValidatorMisses = (
  query: RequestQuery,
  types: ReadonlyMap<string, string | undefined>,
): ParameterError[] =>
  query.names.flatMap((name) => {
    if (!types.has(name)) return [unknownParameter(name)];
    if (types.get(name) !== 'integer') return [];
    const value = query.valueOf(name);
    const why = !/^-?\d+$/.test(value)
      ? 'must be an integer'
      : Number.isFinite(Number(value))
        ? undefined
        : 'must have fewer digits';
    return why === undefined ? [] : [parameterError('query', name, value, why)];
  });

const unknownParameter = (name: string): ParameterError => ({
  in: 'query',
  name: shorten(name),
  detail: `parameter ${quoted(name)} does not exist`,
});

/**
 * An error of express-openapi-validator. `path` is `/query/<name>`, `/query/<name>/<index>`, `/params/<name>` or
 * `/headers/<name>`.
 */
export interface ValidatorError {
  readonly path: string;
  readonly message: string;
  readonly errorCode?: string;
}

/** The values of a request that the validator checks. */
export interface RequestValues {
  readonly query: RequestQuery;
  readonly pathParams: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** Returns the error in Sluice's words. */
export function toParameterError(
  { path, message, errorCode = '' }: ValidatorError,
  { query, pathParams, headers }: RequestValues,
): ParameterError {
  const [, where = '', name = '', index] = path.split('/');
  const keyword = errorCode.split('.')[0] ?? '';
  const place = where === 'params' ? 'path' : where === 'headers' ? 'header' : 'query';
  if (keyword === 'required') return { in: place, name: shorten(name), detail: `${name} is missing` };
  if (place === 'header') return headerError(name, headers, message);
  const inPath = place === 'path';
  const whole = inPath ? (pathParams[name] ?? '') : query.valueOf(name);
  const value = index === undefined ? whole : (whole.split(',')[Number(index)] ?? whole);
  const why = REASON_BY_KEYWORD[`${name} ${keyword}`] ?? REASON_BY_KEYWORD[keyword] ?? message;
  return parameterError(place, name, value, why);
}

/** In the document, names of headers can have capital letters. In a request, Node.js writes them in lower case. */
function headerError(name: string, headers: RequestValues['headers'], message: string): ParameterError {
  const lower = name.toLowerCase();
  const why = REASON_BY_KEYWORD[lower] ?? message;
  return parameterError('header', name, String(headers[lower] ?? ''), why);
}

const parameterError = (
  where: ParameterError['in'],
  name: string,
  value: string,
  why: string,
): ParameterError => ({
  in: where,
  name: shorten(name),
  detail: `${name} is ${quoted(value)}: it ${why}`,
});

const REASON_BY_KEYWORD: Readonly<Record<string, string>> = {
  'idempotency-key': 'must have 1 to 255 printable ASCII characters',
  'parent format': 'must be the adcode of a place',
  'cursor format': 'must be the `next` of a page',
  'adcode pattern': 'must have six digits',
  'adcode type': 'must be one or more adcodes, separated by commas',
};

/** The errors of the validator and the errors that it does not find, each text once. */
export function mergeErrors(
  detected: readonly ParameterError[],
  undetected: readonly ParameterError[],
): ParameterError[] {
  const names = new Set(undetected.map(({ name }) => name));
  const others = detected.filter(({ name }) => !names.has(name));
  return [...new Map([...others, ...undetected].map((error) => [error.detail, error])).values()];
}

const shorten = (text: string): string => (text.length > 100 ? `${text.slice(0, 100)}…` : text);

const quoted = (text: string): string => JSON.stringify(shorten(text));
