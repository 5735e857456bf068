import { readFileSync } from 'node:fs';
import { type Document, LineCounter, type Node, parseDocument, visit } from 'yaml';
import { messageOf } from '../../domain/errors.ts';
import type { Path, Problem } from '../../runtime/schema.ts';

/** A YAML file as data, and a problem in it as `file:line: sentence`. */
export interface YamlFile {
  readonly value: unknown;
  readonly located: (problem: Problem) => string;
}

/** Reads a file; undefined, and a problem told, when it cannot be read or is no YAML. */
export function readYaml(file: string, problem: (sentence: string) => void): YamlFile | undefined {
  let source: string;
  try {
    source = readFileSync(file, 'utf8');
  } catch (error) {
    problem(`routes file ${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
    return undefined;
  }
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines });
  for (const error of document.errors)
    problem(`${file}:${error.linePos?.[0].line ?? 1}: ${error.message.split('\n')[0]}`);
  if (document.errors.length > 0) return undefined;

  /** The line of the innermost thing on the path that the file has. */
  const lineOf = (path: Path): string => {
    const node = document.getIn(path, true) as Node | undefined;
    if (node?.range) return `:${lines.linePos(node.range[0]).line}`;
    return path.length === 0 ? '' : lineOf(path.slice(0, -1));
  };
  try {
    const located = ({ path, sentence }: Problem): string => `${file}${lineOf(path)}: ${sentence}`;
    return { value: document.toJS(), located };
  } catch (error) {
    const at = unresolvedAlias(document);
    const line = at === undefined ? '' : `:${lines.linePos(at).line}`;
    problem(`${file}${line}: ${messageOf(error, 200)}`);
    return undefined;
  }
}

/** Where the first alias is that stands for nothing. */
function unresolvedAlias(document: Document): number | undefined {
  let at: number | undefined;
  visit(document, {
    Alias(_key, alias) {
      if (alias.resolve(document) !== undefined) return undefined;
      at = alias.range?.[0];
      return visit.BREAK;
    },
  });
  return at;
}
