import { compareNumbers } from '../../domain/compare-numbers.ts';
import { InvalidInput } from '../../domain/errors.ts';
import { isJsonNumber, type JsonNumber, numberText } from '../../domain/exact-json.ts';
import { type SearchAttributeType, searchAttributes } from '../../domain/temporal-contract.ts';
import { parseTimestampMs } from '../../domain/timestamp.ts';

/** The search attributes that Sluice sets on every run. A route cannot set them. */
export const SET_BY_SLUICE: ReadonlySet<string> = new Set(['Route', 'EventSource', 'EventId']);

/** A search attribute that a run is started with. */
export type RouteAttribute = { readonly name: string } & (
  | { readonly type: 'Keyword'; readonly value: string }
  | { readonly type: 'KeywordList'; readonly value: readonly string[] }
  | { readonly type: 'Int' | 'Double'; readonly value: number }
  | { readonly type: 'Bool'; readonly value: boolean }
  | { readonly type: 'Datetime'; readonly value: Date }
);

/**
 * Returns a route's search attributes from the filled template. The value decides the type of an attribute that Sluice
 * does not know. Throws `InvalidInput` that names an attribute with an unsuitable value.
 */
export function toRouteAttributes(filled: unknown): RouteAttribute[] {
  return Object.entries(filled as Record<string, unknown>).map(([name, value]) => {
    const type = Object.hasOwn(searchAttributes, name) ? searchAttributes[name] : undefined;
    const attribute = type === undefined ? unknownAttribute(value) : knownAttribute(type, value);
    if (attribute !== undefined) return { name, ...attribute } as RouteAttribute;
    const allowed = type === undefined ? 'a text, number, boolean or list of texts' : ALLOWED[type];
    throw new InvalidInput('TemplateUnfilled', `its attribute ${name} is not ${allowed}`);
  });
}

const ALLOWED: Readonly<Record<SearchAttributeType, string>> = {
  Keyword: 'a text, number or boolean',
  KeywordList: 'a text, number, boolean or list of texts',
  Datetime: 'an RFC 3339 timestamp',
};

type TypedValue = Pick<RouteAttribute, 'type' | 'value'>;

function knownAttribute(type: SearchAttributeType, value: unknown): TypedValue | undefined {
  if (type === 'Datetime') {
    const at = typeof value === 'string' ? parseTimestampMs(value) : undefined;
    return at === undefined ? undefined : { type, value: new Date(at) };
  }
  if (type === 'KeywordList' && isTexts(value)) return { type, value };
  const text = scalarText(value);
  if (text === undefined) return undefined;
  return type === 'KeywordList' ? { type, value: [text] } : { type, value: text };
}

function unknownAttribute(value: unknown): TypedValue | undefined {
  if (typeof value === 'string') return { type: 'Keyword', value };
  if (typeof value === 'boolean') return { type: 'Bool', value };
  if (isJsonNumber(value)) return numberAttribute(Number(numberText(value)), value);
  return isTexts(value) ? { type: 'KeywordList', value } : undefined;
}

/** Returns undefined for a number that a double cannot represent: a search attribute has the precision of a double. */
function numberAttribute(number: number, exact: JsonNumber): TypedValue | undefined {
  if (!Number.isFinite(number) || compareNumbers(number, exact) !== 0) return undefined;
  return { type: Number.isInteger(number) ? 'Int' : 'Double', value: number };
}

function scalarText(value: unknown): string | undefined {
  if (isJsonNumber(value)) return numberText(value);
  return typeof value === 'string' || typeof value === 'boolean' ? String(value) : undefined;
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string');
