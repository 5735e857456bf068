/** The account that everything in the local cloud belongs to. */
export const ACCOUNT_ID = '1000000000000001';

/** The region that the local cloud says it is in. */
export const REGION = 'cn-hangzhou';
