import { ACCOUNT_ID } from '../../account.ts';

/** The account as XML answers name it. */
export const owner = { ID: ACCOUNT_ID, DisplayName: ACCOUNT_ID };
