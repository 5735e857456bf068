import { WireError } from '../../../ots/errors.ts';
import { decodeRow } from '../../../ots/wire/plain-buffer-reader.ts';
import type { PlainRow } from '../../../ots/wire/row.ts';
import { parameterInvalid } from '../errors.ts';

/** Reads the row or key in a request from PlainBuffer. Throws OTSParameterInvalid for malformed bytes. */
export function readPlainRow(bytes: Buffer): PlainRow {
  try {
    return decodeRow(bytes);
  } catch (error) {
    if (error instanceof WireError) throw parameterInvalid(`Cell data broken, ${error.message}.`);
    throw error;
  }
}
