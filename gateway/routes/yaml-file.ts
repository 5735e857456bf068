import { readFileSync } from 'node:fs';
import { type Document, LineCounter, type Node, parseDocument, visit } from 'yaml';
import { compareNumbers } from '../../domain/compare-numbers.ts';
import { messageOf } from '../../domain/errors.ts';
import type { PathSteps } from '../../domain/event-pattern.ts';
import { ExactNumber } from '../../domain/exact-json.ts';
import type { SchemaProblem } from '../../runtime/schema.ts';

/** A mistake in a routes file. */
export interface Mistake {
  readonly file: string;
  /** Absent if the mistake concerns the whole file. */
  readonly line?: number;
  readonly sentence: string;
}

/** Formats a mistake as one line: `file:line: sentence`. */
export const formatMistake = ({ file, line, sentence }: Mistake): string =>
  `${file}${line === undefined ? '' : `:${line}`}: ${sentence}`;

/** A parsed YAML file, and a function that locates a problem. If the file cannot be read or parsed: the mistakes. */
export type YamlFile =
  | { readonly value: unknown; readonly locate: (problem: SchemaProblem) => Mistake }
  | { readonly mistakes: readonly Mistake[] };

export function readYaml(file: string): YamlFile {
  let source: string;
  try {
    source = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { mistakes: [{ file, sentence: `the routes file cannot be read (${code})` }] };
  }
  const lines = new LineCounter();
  let document: Document.Parsed;
  try {
    document = parseDocument(source, { lineCounter: lines });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { mistakes: [{ file, sentence: TOO_DEEP }] };
  }
  if (document.errors.length > 0)
    return {
      mistakes: document.errors.map(({ linePos, message }) => ({
        ...{ file, line: linePos?.[0].line ?? 1 },
        sentence: shortYamlError(message),
      })),
    };
  /** Returns the line of the innermost existing node on the path. */
  const lineOf = (path: PathSteps): number => {
    const node = document.getIn(path, true) as Node | undefined;
    if (node?.range) return lines.linePos(node.range[0]).line;
    return path.length === 0 ? 1 : lineOf(path.slice(0, -1));
  };
  try {
    const circularAlias = findCircularAlias(document);
    if (circularAlias !== undefined)
      return {
        mistakes: [
          {
            file,
            line: lines.linePos(circularAlias).line,
            sentence: 'an alias refers to a value that contains the alias',
          },
        ],
      };
    const locate = ({ path, sentence }: SchemaProblem): Mistake => ({ file, line: lineOf(path), sentence });
    keepExactNumbers(document);
    return { value: document.toJS(), locate };
  } catch (error) {
    const at = findUnresolvedAlias(document);
    const line = at === undefined ? {} : { line: lines.linePos(at).line };
    return { mistakes: [{ file, ...line, sentence: messageOf(error, 200) }] };
  }
}

/** Returns the first sentence of the parser's message. Omits the position, because `Mistake` has the line. */
function shortYamlError(message: string): string {
  if (message.includes('Maximum call stack size exceeded')) return TOO_DEEP;
  return (message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');
}

const TOO_DEEP = 'the file is nested too deeply';

/** Returns the position of the first alias whose value contains the alias. Such a value would be infinite. */
function findCircularAlias(document: Document): number | undefined {
  let at: number | undefined;
  visit(document, {
    Alias(_key, alias, path) {
      const target = alias.resolve(document);
      if (target === undefined || !path.includes(target)) return undefined;
      at = alias.range?.[0];
      return visit.BREAK;
    },
  });
  return at;
}

/** Returns the position of the first alias without an anchor. */
function findUnresolvedAlias(document: Document): number | undefined {
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

const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** Replaces the numbers that the parser has rounded. */
function keepExactNumbers(document: Document): void {
  visit(document, {
    Scalar(_key, node) {
      const { value, source = '' } = node;
      if (typeof value !== 'number' || !JSON_NUMBER.test(source)) return;
      const exact = new ExactNumber(source);
      if (!Number.isFinite(value) || compareNumbers(value, exact) !== 0) node.value = exact;
    },
  });
}
