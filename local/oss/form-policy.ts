import * as v from 'valibot';
import { type Credentials, checkFormSignature } from './authenticate.ts';
import { OssError } from './oss-error.ts';

/**
 * A form upload: its bucket, and its fields by lower-case name. In `key`, the name of the file is already filled in.
 */
export interface UploadForm {
  readonly bucket: string;
  readonly fields: ReadonlyMap<string, string>;
}

const policySchema = v.object({
  expiration: v.pipe(v.string(), v.isoTimestamp()),
  conditions: v.array(v.union([v.array(v.unknown()), v.record(v.string(), v.string())])),
});

/** The sizes that a policy allows, in bytes. */
export interface AllowedSize {
  readonly min: number;
  readonly max: number;
}

/**
 * Checks the signature and the policy of a form (OSS: "PostObject"). Returns the sizes that the policy allows. A form
 * without a policy passes if `allowUnsigned` is true.
 */
export function checkForm(
  form: UploadForm,
  credentials: Credentials,
  nowMs: number,
  allowUnsigned: boolean,
): AllowedSize {
  const policy = form.fields.get('policy');
  if (policy === undefined) {
    if (allowUnsigned) return { min: 0, max: Number.POSITIVE_INFINITY };
    throw new OssError(
      'AccessDenied',
      'A form from a web page or another machine needs a policy and its signature.',
    );
  }
  checkFormSignature(form.fields, policy, credentials);
  return checkPolicy(readPolicy(policy), form, nowMs);
}

function readPolicy(base64: string): v.InferOutput<typeof policySchema> {
  try {
    return v.parse(policySchema, JSON.parse(Buffer.from(base64, 'base64').toString('utf8')));
  } catch {
    throw invalidPolicy('Invalid Policy: Invalid JSON.');
  }
}

function checkPolicy(
  { expiration, conditions }: v.InferOutput<typeof policySchema>,
  { bucket, fields }: UploadForm,
  nowMs: number,
): AllowedSize {
  if (Date.parse(expiration) <= nowMs) throw denied('Invalid according to Policy: Policy expired.');
  const fieldValue = (name: string): string =>
    (name === 'bucket' ? bucket : fields.get(name.toLowerCase())) ?? '';
  let size: AllowedSize = { min: 0, max: Number.POSITIVE_INFINITY };
  for (const condition of conditions) {
    if (!Array.isArray(condition)) {
      for (const [name, value] of Object.entries(condition)) check(condition, fieldValue(name) === value);
      continue;
    }
    const [operator, first, second] = condition;
    if (operator === 'content-length-range') {
      if (typeof first !== 'number' || typeof second !== 'number')
        throw invalidPolicy('Invalid Policy: Invalid range.');
      size = { min: first, max: second };
      continue;
    }
    const value = fieldValue(String(first).replace(/^\$/, ''));
    check(condition, matches(String(operator), value, second));
  }
  return size;
}

function matches(operator: string, value: string, expected: unknown): boolean {
  switch (operator) {
    case 'eq':
      return value === expected;
    case 'starts-with':
      return value.startsWith(String(expected));
    case 'in':
      return Array.isArray(expected) && expected.includes(value);
    case 'not-in':
      return Array.isArray(expected) && !expected.includes(value);
    default:
      throw invalidPolicy(`Invalid Policy: Invalid operator ${operator}.`);
  }
}

function check(condition: unknown, holds: boolean): void {
  if (!holds)
    throw denied(`Invalid according to Policy: Policy Condition failed: ${JSON.stringify(condition)}`);
}

const denied = (message: string): OssError => new OssError('AccessDenied', message);

const invalidPolicy = (message: string): OssError => new OssError('InvalidPolicyDocument', message);
