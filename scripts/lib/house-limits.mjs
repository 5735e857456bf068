/** The house limits that no linter has: sizes of files, and who reads the environment. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from './package-root.mjs';
import { sourceFiles } from './sources.mjs';

const LONGEST = 250;
const MEDIAN = 80;

/** Checks all our .ts sources outside test/ and bench/ and answers a line about them. Throws naming each breach. */
export async function checkHouseLimits() {
  const files = (await sourceFiles()).filter((file) => !/^(test|bench)\//.test(file));
  const problems = [];
  const sizes = [];
  for (const file of files) {
    const text = await readFile(join(packageRoot, file), 'utf8');
    const lines = text.split('\n').length - 1;
    sizes.push(lines);
    if (lines > LONGEST) problems.push(`${file} has ${lines} lines; allowed: ${LONGEST}`);
    if (readsEnvironment(text) && !/(^|\/)config\.ts$/.test(file)) {
      problems.push(`${file} reads process.env; allowed: in a config.ts only`);
    }
  }
  sizes.sort((a, b) => a - b);
  const median = sizes[Math.floor(sizes.length / 2)] ?? 0;
  if (median > MEDIAN) problems.push(`the median file has ${median} lines; allowed: ${MEDIAN}`);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return `${files.length} files, median ${median} lines, longest ${sizes.at(-1) ?? 0}`;
}

function readsEnvironment(text) {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  return (
    /\bprocess\s*\.\s*env\b/.test(code) ||
    /\{[^}]*\benv\b[^}]*\}\s*(from\s*'node:process'|=\s*process\b)/.test(code)
  );
}
