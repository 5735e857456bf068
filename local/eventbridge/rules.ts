import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../../domain/errors.ts';
import type { Pattern } from '../../domain/event-pattern.ts';
import { ConfigError } from '../../runtime/config.ts';
import { check, eventPattern, fields, rows, text } from '../../runtime/schema.ts';

/** Which events go to which path of the gateway. */
export interface Rule {
  readonly name: string;
  readonly pattern: Pattern;
  readonly target: string;
}

/** Returns the path of the packaged rules file. Works from the source and from the built file. */
export function defaultRulesPath(): string {
  let dir = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(dir, 'package.json')) && dirname(dir) !== dir) dir = dirname(dir);
  return join(dir, 'local/eventbridge/rules.json');
}

const rulesFile = fields(
  {
    rules: rows(
      fields(
        {
          name: text('a text'),
          pattern: eventPattern(),
          target: text('a path of the gateway such as /unzip', /^\//),
        },
        'ignored',
      ),
      'rules',
    ),
  },
  'ignored',
);

/** Reads a rules file. Throws `ConfigError` with every mistake and the name of the file. */
export function readRules(path: string): Rule[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new ConfigError([`cannot read the rules file ${path}: ${messageOf(error)}`]);
  }
  const { output, problems } = check(rulesFile, parsed, 'the file');
  if (output === undefined)
    throw new ConfigError(problems.map(({ sentence }) => `rules file ${path}: ${sentence}`));
  return output.rules;
}
