import { fixedTokens, type Tokens, tokensFile, tokensIn } from '../../runtime/bearer-tokens.ts';
import { type Fields, type Report, readFields, type Surroundings } from '../yaml/fields.ts';

/** Reads `{env: NAME}` or `{file: path}`: where tokens are, several of them separated by white space or commas. */
export function readTokens(
  value: unknown,
  report: Report,
  { env, folder }: Surroundings,
): Tokens | undefined {
  return readFields(value, ['env', 'file'], report, (fields) => {
    if (fields.has('env') === fields.has('file')) {
      report([], 'allowed is either env, the name of a variable, or file');
      return undefined;
    }
    return fields.has('env') ? fromEnvironment(fields, env) : fromFile(fields, folder);
  });
}

function fromEnvironment(fields: Fields, env: Surroundings['env']): Tokens | undefined {
  // Its value is not shown: somebody may have written the token itself.
  const isName = (text: string): boolean => /^[A-Za-z_]\w{0,99}$/.test(text);
  const name = fields.text('env', isName, 'the name of a variable', true);
  if (name === '') return undefined;
  const tokens = tokensIn(env(name) ?? '');
  if (!areTokens(tokens, fields, 'env', `variable ${name}`)) return undefined;
  return fixedTokens(tokens);
}

function fromFile(fields: Fields, folder: string): Tokens | undefined {
  const file = fields.file('file', folder);
  if (file === undefined) return undefined;
  const tokens = tokensIn(file.content.toString('utf8'));
  if (!areTokens(tokens, fields, 'file', file.path)) return undefined;
  return tokensFile(file.path, tokens);
}

function areTokens(tokens: readonly string[], fields: Fields, field: string, where: string): boolean {
  if (tokens.length === 0) fields.wrong(field, `${where} is not set or has no token`);
  const sendable = tokens.every((token) => /^[\x21-\x7e]+$/.test(token));
  if (!sendable) fields.wrong(field, `${where} has a token with characters that no header can carry`);
  return tokens.length > 0 && sendable;
}
