/** The account that owns everything in the local cloud. */
export const ACCOUNT_ID = '1000000000000001';

/** The region that the local cloud reports. */
export const REGION = 'cn-hangzhou';
