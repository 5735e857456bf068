import type { RequestHandler } from 'express';
import type { OpenApiDocument } from './openapi-document.ts';
import { Problem } from './problem.ts';

/** What is answered at a path that the description does not have. */
export const nothingHere: RequestHandler = () => {
  throw new Problem('not-found', 'there is nothing at this path');
};

/** Lets those pass who ask for a path of the description, letter by letter; all others are `not-found`. */
export function onlyKnownPaths({ paths }: OpenApiDocument): RequestHandler {
  const known = Object.keys(paths).map((path) => {
    const pieces = path.split(/\{\w+\}/).map((piece) => piece.replace(/[.*+?^$()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${pieces.join('[^/]+')}$`);
  });
  return (req, res, next) => {
    if (known.some((path) => path.test(req.path))) next();
    else nothingHere(req, res, next);
  };
}
