import { defineSearchAttributeKey, type SearchAttributePair, SearchAttributeType } from '@temporalio/common';
import { toSearchAttributeKeyword } from '../domain/search-attribute-keyword.ts';

/** The search attributes that workflows set. `domain/temporal-contract.ts` lists all. */
export const phaseKey = defineSearchAttributeKey('Phase', SearchAttributeType.KEYWORD);
const bucketKey = defineSearchAttributeKey('Bucket', SearchAttributeType.KEYWORD);
const cityKey = defineSearchAttributeKey('City', SearchAttributeType.KEYWORD);
export const eventIdKey = defineSearchAttributeKey('EventId', SearchAttributeType.KEYWORD_LIST);

export const bucketAttribute = (bucket: string): SearchAttributePair => ({
  key: bucketKey,
  value: toSearchAttributeKeyword(bucket),
});

export const cityAttribute = (adcode: string): SearchAttributePair => ({ key: cityKey, value: adcode });
