/** Finds regular expressions whose time grows faster than the length of the text, such as `/x+$/`. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from './package-root.mjs';
import { sourceFiles } from './source-files.mjs';

/**
 * Checks every literal regular expression outside of test/ and bench/. Returns a summary line. The analysis does not
 * find every slow expression. So test/security/linear-time.test.ts also measures the parsers of text from outside.
 * @throws Error with all problems
 */
export async function checkRegexes() {
  const files = (await sourceFiles()).filter((file) => !/^(test|bench)\//.test(file));
  const problems = [];
  let count = 0;
  for (const file of files) {
    const text = await readFile(join(packageRoot, file), 'utf8');
    const { checked, slow } = await slowRegexesIn(text);
    count += checked;
    problems.push(
      ...slow.map(({ line, literal, character }) => `${file}:${line}  ${problemOf(literal, character)}`),
    );
  }
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return `${count} expressions`;
}

const problemOf = (literal, character) =>
  `${literal} takes quadratic or more time on many ${character}; anchor it, or use domain/trim-characters.ts`;

/** Returns the number of regular expressions in a source text, and those that are not linear. */
export async function slowRegexesIn(text) {
  // Loaded only now, because the dependencies may have been missing before.
  const [{ default: ts }, { analyse }] = await Promise.all([import('typescript'), import('scslre')]);
  const source = ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest, true);
  const slow = [];
  let checked = 0;
  const visit = (node) => {
    ts.forEachChild(node, visit);
    if (node.kind !== ts.SyntaxKind.RegularExpressionLiteral) return;
    checked++;
    const end = node.text.lastIndexOf('/');
    const regex = new RegExp(node.text.slice(1, end), node.text.slice(end + 1));
    const { reports } = analyse(regex);
    if (reports.length === 0) return;
    const { line } = source.getLineAndCharacterOfPosition(node.getStart());
    slow.push({ line: line + 1, literal: node.text, character: reports[0].character.literal.source });
  };
  visit(source);
  return { checked, slow };
}
