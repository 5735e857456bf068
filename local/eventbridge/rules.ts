import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../../domain/errors.ts';
import { compilePattern, type Pattern } from '../../domain/event-pattern.ts';

/** Which events go to which path of the gateway. */
export interface Rule {
  readonly name: string;
  readonly pattern: Pattern;
  readonly target: string;
}

/** The rules that come with the package, found from the source as from the built file. */
export function committedRulesPath(): string {
  let dir = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(dir, 'package.json')) && dirname(dir) !== dir) dir = dirname(dir);
  return join(dir, 'local/eventbridge/rules.json');
}

/** Reads a file of rules, or throws one sentence that names the file, the rule and what is wrong with it. */
export function readRules(path: string): Rule[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new Error(`rules file ${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  const rules: unknown = fieldOf(parsed, 'rules');
  if (!Array.isArray(rules)) throw new Error(`rules file ${path}: "rules" must be an array of rules`);
  const read = rules.map((rule: unknown, index) => readRule(rule, `rules file ${path}: rule ${index + 1}`));
  const names = new Set(read.map(({ name }) => name));
  if (names.size < read.length) throw new Error(`rules file ${path}: two rules have the same name`);
  return read;
}

function readRule(rule: unknown, subject: string): Rule {
  const name = fieldOf(rule, 'name');
  const target = fieldOf(rule, 'target');
  if (typeof name !== 'string' || name === '') throw new Error(`${subject}: "name" must be a text`);
  if (typeof target !== 'string' || !target.startsWith('/')) {
    throw new Error(`${subject} (${name}): "target" must be a path of the gateway such as /unzip`);
  }
  try {
    return { name, target, pattern: compilePattern(fieldOf(rule, 'pattern')) };
  } catch (error) {
    throw new Error(`${subject} (${name}): ${messageOf(error)}`, { cause: error });
  }
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}
