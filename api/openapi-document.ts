import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { RequestHandler } from 'express';
import { parse } from 'yaml';
import { Problem } from './problem.ts';

/** The part of an operation in an OpenAPI document that the api uses. */
interface Operation {
  readonly parameters?: readonly (Parameter | { readonly $ref: string })[];
}
interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema?: { readonly type?: string };
}
export interface OpenApiDocument {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, { readonly get?: Operation }>>;
  readonly components: { readonly parameters: Readonly<Record<string, Parameter>> };
}

/** The file is beside the sources. `dist/` is one folder deeper. */
const documentPath = fileURLToPath(new URL('../../api/openapi.yaml', import.meta.url));

/** Reads the shipped OpenAPI document. */
export const readOpenApiDocument = (): OpenApiDocument =>
  parse(readFileSync(documentPath, 'utf8')) as OpenApiDocument;

/** Adds a `head` operation to each `get`. */
export function withHeadOperations(document: OpenApiDocument): OpenApiDocument {
  const paths = Object.entries(document.paths).map(([path, item]) => {
    const { operationId: _, ...head } = { operationId: '', ...item.get };
    return [path, item.get === undefined ? item : { ...item, head }] as const;
  });
  return structuredClone({ ...document, paths: Object.fromEntries(paths) });
}

/** A path's query parameters by name, with their type if it is declared inline. */
export function queryParameters(
  { paths, components }: OpenApiDocument,
  path: string,
): Map<string, string | undefined> {
  const listed = paths[path]?.get?.parameters ?? [];
  const parameters = listed.map((parameter) =>
    '$ref' in parameter ? components.parameters[parameter.$ref.split('/').at(-1) ?? ''] : parameter,
  );
  return new Map(
    parameters.flatMap((parameter) =>
      parameter?.in === 'query' ? [[parameter.name, parameter.schema?.type] as const] : [],
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
