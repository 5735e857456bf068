/** Finds phrases in docs and comments that readers have to read twice. Reviews find the rest. */
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from './package-root.mjs';

/** Inverted or old-fashioned phrases, each with plain words for the same. */
const PHRASES = [
  [/\b(?:is|are|was|were) told\b|\btells? of\b/i, '"reports", "receives" or "is called"'],
  [/\bwhoever\b|\bwhosoever\b/i, '"a client that", "the caller"'],
  [/\bnobody(?:'s|’s)?\b/i, '"no client", "no user", or the positive form'],
  [/\bof which\b/i, 'two sentences'],
  [/\banew\b/i, '"again"'],
  [/\bthereby\b|\blest\b|\bhereby\b/i, '"so that", "because"'],
  [
    /\bin vain\b|\bfor its sake\b|\bby and by\b|\bbut for (?:those|what)\b/i,
    '"without success", "because of", "except"',
  ],
  [/\bstands? still\b/i, '"is blocked"'],
];

const COMMENT = /^\s*(?:\/\/|\*|\/\*)/;

/** Checks the committed docs, and the comments of the code. Throws an error with all findings. */
export async function checkPlainEnglish() {
  const tracked = execFileSync('git', ['ls-files', '*.md', '*.ts', '*.mjs'], {
    cwd: packageRoot,
    encoding: 'utf8',
  });
  const files = tracked.split('\n').filter((file) => file !== '');
  const findings = [];
  for (const file of files) {
    const lines = (await readFile(join(packageRoot, file), 'utf8')).split('\n');
    for (const [index, line] of lines.entries()) {
      if (!file.endsWith('.md') && !COMMENT.test(line)) continue;
      for (const [phrase, instead] of PHRASES) {
        const [found] = phrase.exec(line) ?? [];
        if (found !== undefined) findings.push(`${file}:${index + 1}: "${found}"; write ${instead}`);
      }
    }
  }
  if (findings.length > 0) throw new Error(findings.join('\n    | '));
  return `${files.length} files`;
}
