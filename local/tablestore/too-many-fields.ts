import protobuf from 'protobufjs';
import { dataPlaneSchema } from '../../ots/wire/data-plane-schema.ts';
import { tunnelSchema } from '../../ots/wire/tunnel-schema.ts';

const root = new protobuf.Root();
for (const schema of [dataPlaneSchema, tunnelSchema]) protobuf.parse(schema, root);
root.resolveAll();

/**
 * Whether a message of this name, with all the messages in it, has more than `most` fields, each repetition counted.
 * Nothing is decoded: a body of 8 MiB can hold millions of fields, and their decoding would hold everybody up for
 * seconds. Bytes that are no such message are not crowded; the decoder says what is wrong with them.
 */
export function hasTooManyFields(name: string, bytes: Uint8Array, most: number): boolean {
  const reader = protobuf.Reader.create(bytes);
  try {
    return remainingFields(root.lookupType(name), reader, reader.len, most) < 0;
  } catch {
    return false;
  }
}

/** How many fields more there may be after those up to `end`; negative as soon as there are too many. */
function remainingFields(type: protobuf.Type, reader: protobuf.Reader, end: number, most: number): number {
  let left = most;
  while (reader.pos < end && left >= 0) {
    left--;
    const tag = reader.uint32();
    const [field, wireType] = [tag >>> 3, tag & 7];
    const inner = type.fieldsById[field]?.resolvedType;
    if (wireType === 2 && inner instanceof protobuf.Type) {
      const length = reader.uint32();
      left = remainingFields(inner, reader, reader.pos + length, left);
    } else reader.skipType(wireType);
  }
  return left;
}
