import * as v from 'valibot';
import { fields, integerBetween, list, notAllowed, numberBetween, text } from '../../runtime/schema.ts';

const MAX_COUNT = 2 ** 31;
const MAX_DELAY_MS = 600_000;

/** The fields of every rule: how likely the fault is, and how often it happens at most. No `count`: no limit. */
const frequencyFields = {
  rate: v.optional(numberBetween(0, 1), 1),
  count: v.exactOptional(integerBetween(0, MAX_COUNT)),
};

/** Returns the schema of a rule that does one of `kinds`. The `scope` fields say which requests it applies to. */
export const ruleSchema = <
  const K extends readonly string[],
  const S extends v.ObjectEntries,
  const E extends v.ObjectEntries,
>(
  kinds: K,
  scope: S,
  entries: E,
) => fields({ do: v.picklist(kinds), ...frequencyFields, ...scope, ...entries });

/** The fields of a rule that delays a request. */
export const delayFields = { ms: integerBetween(0, MAX_DELAY_MS) };

/** The fields of a rule that answers an error. By default, the error has the code `defaultCode`. */
export const errorFields = (defaultCode: string) => ({
  code: v.optional(text('a code of the service'), defaultCode),
  status: v.optional(integerBetween(400, 599), 503),
  message: v.optional(text('a text'), 'Injected fault.'),
});

type Rule = v.StrictObjectSchema<
  v.ObjectEntries & { readonly do: v.PicklistSchema<readonly string[], undefined> },
  undefined
>;

/** Returns the schema of `/-/faults` of a stand-in: rules, a seed, and the `additionalFields`. */
export function faultSettings<const R extends readonly Rule[], const M extends v.ObjectEntries>(
  rules: R,
  additionalFields: M,
) {
  const kinds = rules.flatMap(({ entries }) => entries.do.options).join(', ');
  const oneRule = v.variant('do', rules, ({ path, input }) =>
    path === undefined ? notAllowed(input, 'an object with do') : notAllowed(input, `one of ${kinds}`),
  );
  return fields({
    rules: v.optional(list(oneRule, 'rules'), []),
    seed: v.optional(integerBetween(0, 2 ** 32 - 1), 1),
    ...additionalFields,
  });
}
