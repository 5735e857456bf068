import type { OtsError } from '../../../ots/errors.ts';

/** The result of a row of a batch that failed. */
export interface RowFailure {
  readonly isOk: false;
  readonly error: { readonly code: string; readonly message: string };
}

export const failedRow = ({ code, message }: OtsError): RowFailure => ({
  isOk: false,
  error: { code, message },
});
