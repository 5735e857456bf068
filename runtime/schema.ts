/**
 * Checks user input with valibot schemas. Reports all problems at once. Each problem is one sentence. It names the
 * location, the value (unless the value may contain a secret) and what is allowed.
 */
import * as v from 'valibot';
import {
  type Dialect,
  type PathSteps,
  type Pattern,
  parsePattern,
  pathText,
} from '../domain/event-pattern.ts';
import { REDACTED } from '../domain/secrets.ts';

export interface SchemaProblem {
  /** The path from the root value. For a missing field, it is the path of the object that lacks the field. */
  readonly path: PathSteps;
  readonly sentence: string;
}

/** How a message shows a value. */
export type ShowValue = (value: unknown) => string;

/** Formats a value as JSON, shortened if it is long. */
export const showAsJson: ShowValue = (value) => {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
};

/** Hides a value, because it may contain a secret. */
export const hideValue: ShowValue = () => REDACTED;

/** Shows only the kind of a value that may contain a secret. */
export const showKind: ShowValue = (value) => {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value === 'string' ? 'text' : typeof value}`;
};

/** Describes a value that is not allowed. The caller puts the subject before it. */
export const notAllowed = (value: unknown, allowed: string, show: ShowValue = showAsJson): string =>
  `is ${value === undefined ? 'missing' : show(value)}; allowed: ${allowed}`;

/** Checks a value. `rootName` is the value's name in messages. The output is undefined if there are problems. */
export function check<S extends v.GenericSchema>(
  schema: S,
  value: unknown,
  rootName: string,
): { output: v.InferOutput<S> | undefined; problems: SchemaProblem[] } {
  const { success, output, issues = [] } = v.safeParse(schema, value);
  return {
    output: success ? output : undefined,
    problems: issues.map((issue) => problemOf(issue, rootName)),
  };
}

function problemOf({ path: steps, message }: v.BaseIssue<unknown>, rootName: string): SchemaProblem {
  const path = (steps ?? []).map(({ key }) => key as string | number);
  const subject = pathText(path);
  const isMissing = steps?.at(-1)?.origin === 'key';
  return {
    path: isMissing ? path.slice(0, -1) : path,
    sentence: /^(is|has) /.test(message)
      ? `${subject || rootName} ${message}`
      : `${subject || rootName}: ${message}`,
  };
}

/** Reports a mistake inside a value. The path starts at this value. */
export type ReportMistake = (path: (string | number)[], message: string) => void;

/** Creates a `ReportMistake` for valibot's `rawCheck` and `rawTransform`. */
export const reportWith =
  (addIssue: v.RawTransformAddIssue<unknown> | v.RawCheckAddIssue<unknown>): ReportMistake =>
  (path, message) => {
    const [first, ...others] = path.map(stepTo);
    addIssue(first === undefined ? { message } : { message, path: [first, ...others] });
  };

const stepTo = (key: string | number): v.IssuePathItem => ({
  ...({ type: 'unknown', origin: 'value', input: undefined, value: undefined } as const),
  key,
});

/** A schema that reports one problem for the whole value, even if several parts are invalid. */
export function valueSchema<S extends v.GenericSchema>(
  schema: S,
  allowed: string,
  show: ShowValue = showAsJson,
): S {
  return {
    ...v.pipe(schema, v.description(allowed)),
    '~run': (dataset: v.UnknownDataset, config: v.Config<v.BaseIssue<unknown>>) => {
      const input = dataset.value;
      const checked = schema['~run'](dataset, config);
      const [issue] = checked.issues ?? [];
      if (issue === undefined) return checked;
      const { path: _, ...about } = issue;
      return {
        typed: false,
        value: input,
        issues: [{ ...about, message: notAllowed(input, allowed, show) }],
      };
    },
  } as unknown as S;
}

/** A text that matches `pattern`. */
export const text = (allowed: string, pattern = /[\s\S]/, show: ShowValue = showAsJson) =>
  valueSchema(v.pipe(v.string(), v.regex(pattern)), allowed, show);

/** A non-empty list of texts that match `pattern`. */
export const texts = (allowed: string, pattern = /[\s\S]/) =>
  valueSchema(v.pipe(v.array(v.pipe(v.string(), v.regex(pattern))), v.nonEmpty()), `a list of ${allowed}`);

export const flag = valueSchema(v.boolean(), 'true or false');

export const numberBetween = (from: number, to: number) =>
  valueSchema(v.pipe(v.number(), v.minValue(from), v.maxValue(to)), `a number from ${from} to ${to}`);

export const integerBetween = (from: number, to: number) =>
  valueSchema(
    v.pipe(v.number(), v.integer(), v.minValue(from), v.maxValue(to)),
    `a whole number from ${from} to ${to}`,
  );

/** A list that reports the mistakes of each item separately. */
export const list = <S extends v.GenericSchema>(item: S, allowed: string, show: ShowValue = showAsJson) =>
  v.array(item, ({ input }) => notAllowed(input, `a list of ${allowed}`, show));

/** The name of a row. */
export const rowName = text('lower-case letters, digits and "-", up to 63', /^[a-z0-9][a-z0-9-]{0,62}$/);

/** A list of rows with unique names. The names are checked even if the rows have other problems. */
export const rows = <S extends v.GenericSchema>(row: S, allowed: string, show: ShowValue = showAsJson) =>
  v.pipe(
    list(row, allowed, show),
    v.rawCheck(({ dataset, addIssue }) => {
      const names = Array.isArray(dataset.value) ? dataset.value.map((each) => Object(each).name) : [];
      for (const [index, name] of names.entries())
        if (typeof name === 'string' && names.indexOf(name) < index)
          reportWith(addIssue)([index, 'name'], `${name} is used more than once`);
    }),
  );

/** An object with these fields. Other fields are mistakes, but are ignored if `others` is `ignored`. */
export function fields<const E extends v.ObjectEntries>(
  entries: E,
  others?: 'ignored',
): v.StrictObjectSchema<E, undefined> {
  const known = Object.keys(entries).join(', ');
  // If a field is missing, the message is the one that the field's schema has for the value undefined.
  const open = v.object(entries, ({ path }) => {
    const entry = entries[String(path?.[0].key)] as v.GenericSchema;
    return v.safeParse(entry, undefined).issues?.[0].message ?? '';
  });
  const closed = v.strictObject(entries);
  const run = (dataset: v.UnknownDataset, config: v.Config<v.BaseIssue<unknown>>) => {
    const { value } = dataset;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      const message = notAllowed(value, `an object with ${known}`, showKind);
      v._addIssue(closed, 'type', dataset, config, { message });
      return dataset;
    }
    const checked = open['~run'](dataset, config);
    const message = `is an unknown field; allowed: ${known}`;
    for (const key of others === 'ignored' ? [] : Object.keys(value))
      if (!Object.hasOwn(entries, key))
        v._addIssue(closed, 'key', checked, config, { message, path: [stepTo(key)] });
    return checked;
  };
  return { ...closed, '~run': run as (typeof closed)['~run'] };
}

/** A pattern in EventBridge's pattern language. */
export const eventPattern = (dialect?: Dialect) =>
  v.pipe(
    valueSchema(v.record(v.string(), v.unknown()), 'an object such as { type: [order.placed] }'),
    v.metadata({ $ref: '#/definitions/pattern' }),
    v.rawTransform(({ dataset, addIssue }): Pattern => {
      const { mistakes, ...parsed } = parsePattern(dataset.value, dialect);
      for (const { steps, problem } of mistakes) reportWith(addIssue)([...steps], problem);
      return parsed;
    }),
  );
