import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { RequestHandler } from 'express';
import { parse } from 'yaml';
import { Problem } from './problem.ts';

/** The part of an operation in an OpenAPI document that the api uses. */
interface Operation {
  readonly parameters?: readonly (Parameter | { readonly $ref: string })[];
  readonly requestBody?: unknown;
}
interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema?: { readonly type?: string };
}
export interface OpenApiDocument {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly components: { readonly parameters: Readonly<Record<string, Parameter>> };
}

const METHODS = ['get', 'post', 'patch', 'delete'] as const;
type PathItem = { readonly [method in (typeof METHODS)[number]]?: Operation };

/** The file is in `api/`. The compiled module is in `dist/api/`. */
const documentPath = fileURLToPath(new URL('../../api/openapi.yaml', import.meta.url));

/** Reads the shipped OpenAPI document. */
export const readOpenApiDocument = (): OpenApiDocument =>
  parse(readFileSync(documentPath, 'utf8')) as OpenApiDocument;

/**
 * Returns the document as the validator needs it: with a `head` operation for each `get`, and without bodies of requests. The
 * api checks bodies itself, after the token, and with messages that say what is allowed.
 */
export function documentForValidator(document: OpenApiDocument): OpenApiDocument {
  const paths = Object.entries(document.paths).map(([path, item]) => {
    const operations = METHODS.flatMap((method) => {
      const { requestBody: _, ...operation } = item[method] ?? {};
      return item[method] === undefined ? [] : [[method, operation] as const];
    });
    const { operationId: __, ...head } = { operationId: '', ...item.get };
    const added = item.get === undefined ? {} : { head };
    return [path, { ...item, ...Object.fromEntries(operations), ...added }] as const;
  });
  return structuredClone({ ...document, paths: Object.fromEntries(paths) });
}

/**
 * Returns the query parameters of each operation, such as `GET /v1/cities`: by name, with their type if it is declared
 * inline.
 */
export function queryParameters({
  paths,
  components,
}: OpenApiDocument): Map<string, ReadonlyMap<string, string | undefined>> {
  const parametersOf = ({ parameters = [] }: Operation) =>
    new Map(
      parameters.flatMap((parameter) => {
        const found =
          '$ref' in parameter ? components.parameters[parameter.$ref.split('/').at(-1) ?? ''] : parameter;
        return found?.in === 'query' ? [[found.name, found.schema?.type] as const] : [];
      }),
    );
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    METHODS.map((method) => [`${method.toUpperCase()} ${path}`, item[method]] as const),
  );
  return new Map(
    operations.flatMap(([name, operation]) =>
      operation === undefined ? [] : [[name, parametersOf(operation)] as const],
    ),
  );
}

/** Answers 404 for an unknown path. */
export const notFound: RequestHandler = () => {
  throw new Problem('not-found', 'this path does not exist');
};

/**
 * Passes a request on if its path is in the OpenAPI document. Otherwise answers `not-found`. Paths are
 * case-sensitive.
 */
export function requireKnownPath({ paths }: OpenApiDocument): RequestHandler {
  const known = Object.keys(paths).map((path) => {
    const pieces = path.split(/\{\w+\}/).map((piece) => piece.replace(/[.*+?^$()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${pieces.join('[^/]+')}$`);
  });
  return (req, res, next) => {
    if (known.some((path) => path.test(req.path))) next();
    else notFound(req, res, next);
  };
}
