import type { ErrorRequestHandler, Request, RequestHandler } from 'express';
import { middleware, error as validatorErrors } from 'express-openapi-validator';
import { isCalendarDay } from '../domain/alerts/local-time.ts';
import { placeOf, successorOf } from '../domain/catalogue/catalogue.ts';
import { searchPlaces } from '../domain/catalogue/search-places.ts';
import { documentForValidator, type OpenApiDocument, queryParameters } from './openapi-document.ts';
import { invalidParameter } from './problem.ts';
import {
  bracketErrors,
  errorsValidatorMisses,
  mergeErrors,
  type ParameterError,
  RequestQuery,
  tooManyValues,
  toParameterError,
} from './request-query.ts';
import type { RunCursors } from './run-cursor.ts';

/** Formats that a pattern cannot express. The validator's own `date` accepts a 13th month. */
const FORMATS = {
  date: isCalendarDay,
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
  const parametersByOperation = queryParameters(document);
  const missedErrorsOf = (req: Request): ParameterError[] => {
    const method = req.method === 'HEAD' ? 'GET' : req.method;
    const types = parametersByOperation.get(`${method} ${routeOf(req) ?? ''}`);
    return types === undefined ? [] : errorsValidatorMisses(queryOf(req), types);
  };
  const checkBeforeValidation: RequestHandler = (req, _res, next) => {
    const query = queryOf(req);
    const tooMany = tooManyValues(query);
    throwIfInvalid(tooMany === undefined ? bracketErrors(query) : [tooMany]);
    next();
  };
  const checkMissed: RequestHandler = (req, _res, next) => {
    throwIfInvalid(missedErrorsOf(req));
    next();
  };
  return {
    handlers: [
      checkBeforeValidation,
      ...middleware({
        apiSpec: documentForValidator(document) as never,
        // With `allErrors`, the validator continues after the first error. This cannot take long, because there are few
        // values and no pattern needs backtracking.
        validateRequests: { allowUnknownQueryParameters: true, allErrors: true },
        validateResponses,
        validateSecurity: false,
        fileUploader: false,
        formats: {
          ...FORMATS,
          'run-cursor': (text: string): boolean => cursors.read(text) !== undefined,
        },
      }),
      checkMissed,
    ],
    onError(error, req, _res, next) {
      if (!(error instanceof validatorErrors.BadRequest) || routeOf(req) === undefined) return next(error);
      const query = queryOf(req);
      const pathParams = validatorResult(req).pathParams ?? {};
      const values = { query, pathParams, headers: req.headers };
      const errors = error.errors.map((each) => toParameterError(each, values));
      next(invalidParameter(mergeErrors(errors, missedErrorsOf(req))));
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

function throwIfInvalid(errors: readonly ParameterError[]): void {
  if (errors.length > 0) throw invalidParameter(errors);
}

/** Parses the query of each request once. */
function queryOf(req: Request): RequestQuery {
  let query = queries.get(req);
  if (query === undefined) {
    query = new RequestQuery(req.originalUrl);
    queries.set(req, query);
  }
  return query;
}
const queries = new WeakMap<Request, RequestQuery>();
