import * as v from 'valibot';
import { type Credentials, checkFormSignature, isSignedForm } from './authenticate.ts';
import { OssError } from './oss-error.ts';

/** A form upload: its bucket, its fields as they were sent (by lower-case name), and the content type of its object. */
export interface UploadForm {
  readonly bucket: string;
  readonly fields: ReadonlyMap<string, string>;
  readonly contentType: string | undefined;
}

/** The sizes that a policy allows, in bytes. */
export interface AllowedSize {
  readonly min: number;
  readonly max: number;
}

const ANY_SIZE: AllowedSize = { min: 0, max: Number.POSITIVE_INFINITY };

const size = v.pipe(v.number(), v.integer(), v.minValue(0));

/** The name of a field. OSS accepts it with and without `$`, and writes it with `$`. */
const fieldName = v.pipe(
  v.string(),
  v.transform((name) => (name.startsWith('$') ? name : `$${name}`)),
);

const fieldConditionSchema = v.union([
  v.strictTuple([v.picklist(['eq', 'starts-with']), fieldName, v.string()]),
  v.strictTuple([v.picklist(['in', 'not-in']), fieldName, v.array(v.string())]),
]);

const rangeSchema = v.pipe(
  v.strictTuple([v.literal('content-length-range'), size, size]),
  v.check(([, min, max]) => min <= max),
);

const policySchema = v.object({
  expiration: v.pipe(v.string(), v.isoTimestamp()),
  conditions: v.pipe(
    v.array(v.union([v.array(v.unknown()), v.record(v.string(), v.unknown())])),
    v.minLength(1),
  ),
});

type FieldCondition = v.InferOutput<typeof fieldConditionSchema>;

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
  if (!isSignedForm(form.fields)) {
    if (allowUnsigned) return ANY_SIZE;
    throw denied('A form from a web page or another machine needs a policy and its signature.');
  }
  const policy = checkFormSignature(form.fields, credentials, nowMs);
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
  form: UploadForm,
  nowMs: number,
): AllowedSize {
  if (Date.parse(expiration) <= nowMs) throw denied('Invalid according to Policy: Policy expired.');
  let allowed = ANY_SIZE;
  for (const condition of conditions) {
    const range = v.safeParse(rangeSchema, condition);
    if (range.success) allowed = { min: range.output[1], max: range.output[2] };
    else checkField(readFieldCondition(condition), form);
  }
  return allowed;
}

function readFieldCondition(condition: readonly unknown[] | Record<string, unknown>): FieldCondition {
  let list: readonly unknown[];
  if (Array.isArray(condition)) list = condition;
  else {
    const [property, ...others] = Object.entries(condition);
    if (property === undefined || others.length > 0)
      throw invalidPolicy(
        'Invalid Policy: Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.',
      );
    list = ['eq', ...property];
  }
  const parsed = v.safeParse(fieldConditionSchema, list);
  if (!parsed.success) throw invalidPolicy(`Invalid Policy: Invalid condition ${JSON.stringify(condition)}.`);
  return parsed.output;
}

/** Throws AccessDenied if the field is missing or has another value. */
function checkField(condition: FieldCondition, form: UploadForm): void {
  const value = fieldValue(condition[1].slice(1).toLowerCase(), form);
  if (value === undefined || !matches(condition, value)) {
    const text = condition.map((item) => JSON.stringify(item)).join(', ');
    throw denied(`Invalid according to Policy: Policy Condition failed: [${text}]`);
  }
}

function fieldValue(name: string, { bucket, fields, contentType }: UploadForm): string | undefined {
  if (name === 'bucket') return bucket;
  // A form has several content types. OSS's documentation does not say which one a condition is about. The object's
  // content type is the safe choice.
  return name === 'content-type' ? contentType : fields.get(name);
}

function matches([operator, , expected]: FieldCondition, value: string): boolean {
  switch (operator) {
    case 'eq':
      return value === expected;
    case 'starts-with':
      return value.startsWith(expected);
    case 'in':
      return expected.includes(value);
    case 'not-in':
      return !expected.includes(value);
  }
}

const denied = (message: string): OssError => new OssError('AccessDenied', message);

const invalidPolicy = (message: string): OssError => new OssError('InvalidPolicyDocument', message);
