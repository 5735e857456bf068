import protobuf from 'protobufjs';
import { dataPlaneSchema } from '../../ots/wire/data-plane-schema.ts';
import { tunnelSchema } from '../../ots/wire/tunnel-schema.ts';

const root = new protobuf.Root();
for (const schema of [dataPlaneSchema, tunnelSchema]) protobuf.parse(schema, root);
root.resolveAll();

/**
 * True if a message, including nested messages, has more than `maxFields` fields. Repeated fields count each time.
 * Nothing is decoded: a body of 8 MiB can hold millions of fields, and decoding them would block the server for
 * seconds. Returns false for malformed bytes, which the decoder reports.
 */
export function hasTooManyFields(name: string, bytes: Uint8Array, maxFields: number): boolean {
  const reader = protobuf.Reader.create(bytes);
  try {
    return remainingFields(root.lookupType(name), reader, reader.len, maxFields) < 0;
  } catch {
    return false;
  }
}

/** Returns how many more fields are allowed after the position `end`. Negative as soon as there are too many. */
function remainingFields(
  type: protobuf.Type,
  reader: protobuf.Reader,
  end: number,
  maxFields: number,
): number {
  let remaining = maxFields;
  while (reader.pos < end && remaining >= 0) {
    remaining--;
    const tag = reader.uint32();
    const [field, wireType] = [tag >>> 3, tag & 7];
    const inner = type.fieldsById[field]?.resolvedType;
    if (wireType === 2 && inner instanceof protobuf.Type) {
      const length = reader.uint32();
      remaining = remainingFields(inner, reader, reader.pos + length, remaining);
    } else reader.skipType(wireType);
  }
  return remaining;
}
