import { WireError } from '../../../ots/errors.ts';
import { decodeRow } from '../../../ots/wire/plain-buffer-reader.ts';
import type { PlainRow } from '../../../ots/wire/row.ts';
import { parameterInvalid } from '../errors.ts';

/**
 * Decodes a row or key of a request. The bytes are in PlainBuffer, Tablestore's binary row format. Throws
 * OTSParameterInvalid for malformed bytes.
 */
export function readPlainRow(bytes: Buffer): PlainRow {
  try {
    return decodeRow(bytes);
  } catch (error) {
    if (error instanceof WireError) throw parameterInvalid(`Cell data broken, ${error.message}.`);
    throw error;
  }
}
