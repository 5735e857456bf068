import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** The search attributes that workflows set. `domain/temporal-contract.ts` lists all. */
export const phaseKey = defineSearchAttributeKey('Phase', SearchAttributeType.KEYWORD);
export const bucketKey = defineSearchAttributeKey('Bucket', SearchAttributeType.KEYWORD);
export const eventIdKey = defineSearchAttributeKey('EventId', SearchAttributeType.KEYWORD_LIST);
