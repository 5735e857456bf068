import type { OtsError } from '../../../ots/errors.ts';

/** The result of a failed row in a batch. */
export interface RowFailure {
  readonly isOk: false;
  readonly error: { readonly code: string; readonly message: string };
}

export const failedRow = ({ code, message }: OtsError): RowFailure => ({
  isOk: false,
  error: { code, message },
});
