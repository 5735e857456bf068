import type { ErrorRequestHandler, Request, RequestHandler } from 'express';
import { middleware, error as validatorErrors } from 'express-openapi-validator';
import { placeOf, successorOf } from '../domain/catalogue/catalogue.ts';
import { searchPlaces } from '../domain/catalogue/search-places.ts';
import { type OpenApiDocument, queryParameters, withHeadOperations } from './openapi-document.ts';
import { Problem, type ProblemDetails } from './problem.ts';
import type { RunCursors } from './run-cursor.ts';

type ParameterError = NonNullable<ProblemDetails['errors']>[number];

/** Formats that a pattern cannot express. */
const FORMATS = {
  place: (text: string): boolean => placeOf(text) !== undefined || successorOf(text) !== undefined,
  'city-cursor': isCityCursor,
};

function isCityCursor(after: string): boolean {
  try {
    // This search finds nothing, but it validates the cursor.
    searchPlaces({ q: '000000', limit: 1, after });
    return true;
  } catch {
    return false;
  }
}

/** Validates requests, and optionally answers, against the api's description. */
export function createValidation(
  document: OpenApiDocument,
  { validateResponses, cursors }: { readonly validateResponses: boolean; readonly cursors: RunCursors },
): { readonly handlers: readonly RequestHandler[]; readonly onError: ErrorRequestHandler } {
  const parametersByPath = new Map(
    Object.keys(document.paths).map((path) => [path, queryParameters(document, path)]),
  );
  // The validator accepts unknown parameters, and numbers in JavaScript syntax such as `0x10` and `1e1`. This
  // function finds these errors.
  const undetectedErrors = (req: Request): ParameterError[] => {
    const types = parametersByPath.get(routeOf(req) ?? '');
    if (types === undefined) return [];
    const query = queryOf(req);
    return [...new Set(query.keys())].flatMap((name) => {
      const parameter = { in: 'query' as const, name: shorten(name) };
      if (!types.has(name)) return [{ ...parameter, detail: `parameter ${quoted(name)} does not exist` }];
      const value = query.getAll(name).join(',');
      const isWhole = types.get(name) !== 'integer' || /^-?\d+$/.test(value);
      return isWhole ? [] : [{ ...parameter, detail: `${name} is ${quoted(value)}: it must be an integer` }];
    });
  };
  const checkQuery: RequestHandler = (req, _res, next) => {
    const errors = undetectedErrors(req);
    next(errors.length === 0 ? undefined : invalidParameter(errors));
  };
  return {
    handlers: [
      ...middleware({
        apiSpec: withHeadOperations(document) as never,
        // With `allErrors`, the validator continues after the first error. This cannot take long, because the texts
        // are short and no pattern needs backtracking.
        validateRequests: { allowUnknownQueryParameters: true, allErrors: true },
        validateResponses,
        validateSecurity: false,
        fileUploader: false,
        formats: {
          ...FORMATS,
          'run-cursor': (text: string): boolean => cursors.read(text) !== undefined,
        },
      }),
      checkQuery,
    ],
    onError(error, req, _res, next) {
      if (!(error instanceof validatorErrors.BadRequest) || routeOf(req) === undefined) return next(error);
      const errors = error.errors.map((validatorError) => toParameterError(req, validatorError));
      const undetected = undetectedErrors(req);
      const others = errors.filter(
        ({ name }) => !undetected.some((undetectedError) => undetectedError.name === name),
      );
      const uniqueErrors = new Map(
        [...others, ...undetected].map((parameterError) => [parameterError.detail, parameterError]),
      );
      next(invalidParameter([...uniqueErrors.values()]));
    },
  };
}

/** The path in the description that matches a request. */
export const routeOf = (req: Request): string | undefined => validatorResult(req).openApiRoute;

/** The validator's result, which it stores on the request. */
const validatorResult = (
  req: Request,
): { readonly openApiRoute?: string; readonly pathParams?: Readonly<Record<string, string>> } =>
  (req as { openapi?: object }).openapi ?? {};

function invalidParameter(errors: readonly ParameterError[]): Problem {
  const [first, ...others] = errors;
  const more = others.length === 0 ? '' : `, and ${others.length} more`;
  return new Problem('invalid-parameter', `${first?.detail ?? 'a parameter is wrong'}${more}`, { errors });
}

type ValidatorError = { readonly path: string; readonly message: string; readonly errorCode?: string };

function toParameterError(req: Request, { path, message, errorCode = '' }: ValidatorError): ParameterError {
  const [, where = '', name = '', index] = path.split('/');
  const keyword = errorCode.split('.')[0] ?? '';
  const inPath = where === 'params';
  const values = queryOf(req).getAll(name);
  const value = inPath ? (validatorResult(req).pathParams?.[name] ?? '') : values.join(',');
  const item = index === undefined ? value : (value.split(',')[Number(index)] ?? value);
  const why = REASON_BY_KEYWORD[`${name} ${keyword}`] ?? REASON_BY_KEYWORD[keyword] ?? message;
  const detail = keyword === 'required' ? `${name} is missing` : `${name} is ${quoted(item)}: it ${why}`;
  return { in: inPath ? 'path' : 'query', name: shorten(name), detail };
}

const REASON_BY_KEYWORD: Readonly<Record<string, string>> = {
  'parent format': 'must be the adcode of a place',
  'cursor format': 'must be the `next` of a page',
  'adcode pattern': 'must have six digits',
  'adcode type': 'must be one or more adcodes, separated by commas',
};

const queryOf = ({ originalUrl }: Request): URLSearchParams =>
  new URLSearchParams(originalUrl.split('?').slice(1).join('?'));

const shorten = (text: string): string => (text.length > 100 ? `${text.slice(0, 100)}…` : text);

const quoted = (text: string): string => JSON.stringify(shorten(text));
