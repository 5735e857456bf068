import { defineSearchAttributeKey, type SearchAttributePair, SearchAttributeType } from '@temporalio/common';
import { toSearchAttributeKeyword } from '../../domain/search-attribute-keyword.ts';
import type { RouteAttribute } from '../routes/route-attributes.ts';

export const routeKey = defineSearchAttributeKey('Route', SearchAttributeType.KEYWORD);
export const sourceKey = defineSearchAttributeKey('EventSource', SearchAttributeType.KEYWORD);
export const eventIdKey = defineSearchAttributeKey('EventId', SearchAttributeType.KEYWORD_LIST);
export const phaseKey = defineSearchAttributeKey('Phase', SearchAttributeType.KEYWORD);

/** Returns the search attributes of a run: its route, and the event that started it. Unknown values are omitted. */
export function runSearchAttributes(
  route: string | undefined,
  { source, id }: { readonly source?: string; readonly id?: string },
): SearchAttributePair[] {
  return [
    ...(route === undefined ? [] : [{ key: routeKey, value: route }]),
    ...(source === undefined ? [] : [{ key: sourceKey, value: toSearchAttributeKeyword(source) }]),
    ...(id === undefined ? [] : [{ key: eventIdKey, value: [toSearchAttributeKeyword(id)] }]),
  ];
}

/** Returns the search attributes that a route names. */
export const routeSearchAttributes = (attributes: readonly RouteAttribute[] = []): SearchAttributePair[] =>
  attributes.map((attribute): SearchAttributePair => {
    const { name, type, value } = attribute;
    switch (type) {
      case 'Keyword':
        return { key: defineSearchAttributeKey(name, 'KEYWORD'), value: toSearchAttributeKeyword(value) };
      case 'KeywordList':
        return {
          key: defineSearchAttributeKey(name, 'KEYWORD_LIST'),
          value: value.map(toSearchAttributeKeyword),
        };
      case 'Int':
        return { key: defineSearchAttributeKey(name, 'INT'), value };
      case 'Double':
        return { key: defineSearchAttributeKey(name, 'DOUBLE'), value };
      case 'Bool':
        return { key: defineSearchAttributeKey(name, 'BOOL'), value };
      default:
        return { key: defineSearchAttributeKey(name, 'DATETIME'), value };
    }
  });

/** Returns the values of a route's search attributes that are hashed, by name. They belong into the run's memo. */
export function valuesOfHashedAttributes(
  attributes: readonly RouteAttribute[] = [],
): Readonly<Record<string, unknown>> {
  const isHashed = (value: string): boolean => toSearchAttributeKeyword(value) !== value;
  const hashed = attributes.filter(
    ({ value }) =>
      (typeof value === 'string' && isHashed(value)) || (Array.isArray(value) && value.some(isHashed)),
  );
  return Object.fromEntries(hashed.map(({ name, value }) => [name, value]));
}
