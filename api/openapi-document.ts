import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { RequestHandler } from 'express';
import { parse } from 'yaml';
import { Problem } from './problem.ts';

/** The part of an OpenAPI document that is looked into here. */
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

/** The file beside the sources, from which `dist/` is one folder further away. */
const documentPath = fileURLToPath(new URL('../../api/openapi.yaml', import.meta.url));

/** The api's description as it is shipped. */
export const readOpenApiDocument = (): OpenApiDocument =>
  parse(readFileSync(documentPath, 'utf8')) as OpenApiDocument;

/** The same, with a `head` beside each `get`: whoever may read may look, too. */
export function withHeadOperations(document: OpenApiDocument): OpenApiDocument {
  const paths = Object.entries(document.paths).map(([path, item]) => {
    const { operationId: _, ...head } = { operationId: '', ...item.get };
    return [path, item.get === undefined ? item : { ...item, head }] as const;
  });
  return structuredClone({ ...document, paths: Object.fromEntries(paths) });
}

/** A path's query parameters by their names: their types, where the description tells one in place. */
export function queryParameters(
  { paths, components }: OpenApiDocument,
  path: string,
): Map<string, string | undefined> {
  const listed = paths[path]?.get?.parameters ?? [];
  const parameters = listed.map((each) =>
    '$ref' in each ? components.parameters[each.$ref.split('/').at(-1) ?? ''] : each,
  );
  return new Map(
    parameters.flatMap((each) => (each?.in === 'query' ? [[each.name, each.schema?.type] as const] : [])),
  );
}

/** What is answered at a path that the description does not have. */
export const notFound: RequestHandler = () => {
  throw new Problem('not-found', 'there is nothing at this path');
};

/** Lets those pass who ask for a path of the description, letter by letter; all others are `not-found`. */
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
