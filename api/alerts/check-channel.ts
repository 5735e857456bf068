import type { FieldProblem } from '../../domain/alerts/check-subscription.ts';
import type { Locale } from '../../domain/alerts/text/alert-message.ts';
import { singleLine } from '../../domain/hidden-characters.ts';

/** The fields of a request to create or change a channel. Null removes a field. */
export interface ChannelFields {
  readonly kind?: string;
  readonly url?: string;
  readonly secret?: string | null;
  readonly keyword?: string | null;
  readonly name?: string | null;
  readonly locale?: Locale;
  readonly ownerChannelId?: string | null;
  /** False: send to the channel again. */
  readonly disabled?: false;
}

interface FieldRule {
  readonly allowed: string;
  readonly accepts: (value: unknown) => boolean;
}

const textRule = (maxLength: number): FieldRule => ({
  allowed: `a text of 1 to ${maxLength} characters`,
  accepts: (value) => typeof value === 'string' && value.trim() !== '' && value.length <= maxLength,
});

const RULES: Readonly<Record<string, FieldRule>> = {
  url: textRule(2_000),
  secret: textRule(500),
  keyword: textRule(100),
  name: textRule(100),
  locale: { allowed: 'zh or en', accepts: (value) => value === 'zh' || value === 'en' },
  ownerChannelId: {
    allowed: 'the id of a channel',
    accepts: (value) => typeof value === 'string' && /^[\w-]{1,100}$/.test(value),
  },
};

/** Fields that a change can remove. */
const OPTIONAL = ['secret', 'keyword', 'name', 'ownerChannelId'];

/**
 * Checks the form of a request to create a channel. If `kinds` is undefined, the request changes a channel. No message
 * has a value of the request, because people mix up fields, and any value could be a secret.
 */
export function checkChannelFields(
  body: unknown,
  kinds: readonly string[] | undefined,
): { readonly fields: ChannelFields; readonly problems: readonly FieldProblem[] } {
  const isNew = kinds !== undefined;
  const names = [...(isNew ? ['kind'] : ['disabled']), ...Object.keys(RULES)];
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    const detail = `the body must be an object with ${names.join(', ')}`;
    return { fields: {}, problems: [{ name: 'body', detail }] };
  }
  const given = body as Readonly<Record<string, unknown>>;
  const rules: Readonly<Record<string, FieldRule>> = {
    ...RULES,
    ...(isNew
      ? { kind: { allowed: kinds.join(' or '), accepts: (value) => kinds.some((kind) => kind === value) } }
      : { disabled: { allowed: 'false', accepts: (value) => value === false } }),
  };
  const problems = names.flatMap((name): FieldProblem[] => {
    const value = given[name];
    const rule = rules[name];
    const isRequired = isNew && (name === 'kind' || name === 'url');
    if (value === undefined && !isRequired) return [];
    if (value === null && !isNew && OPTIONAL.includes(name)) return [];
    if (value === undefined) return [{ name, detail: `${name} is missing; allowed: ${rule?.allowed}` }];
    return rule?.accepts(value) ? [] : [{ name, detail: `${name} must be ${rule?.allowed}` }];
  });
  const unknown = Object.keys(given)
    .filter((name) => !names.includes(name))
    .map((name) => {
      const shown = singleLine(name, 40);
      return { name: shown, detail: `"${shown}" is an unknown field; allowed: ${names.join(', ')}` };
    });
  return { fields: given as ChannelFields, problems: [...problems, ...unknown] };
}
