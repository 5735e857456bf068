import protobuf from 'protobufjs';
import { WireError } from '../errors.ts';
import { dataPlaneSchema } from './data-plane-schema.ts';
import { tunnelSchema } from './tunnel-schema.ts';

/** Encodes and decodes one message. 64-bit integers are bigint, bytes are Buffer, enums are their names. */
export interface Message<T> {
  readonly name: string;
  /** @throws WireError if a value does not fit its field, or if a required field is missing */
  encode(value: T): Buffer;
  /**
   * Repeated fields are always present, if necessary empty. Optional fields that were not sent are absent. If
   * `strict` is true, unknown fields are rejected. A server needs this: it must not execute a request that it
   * understands only in part.
   * @throws WireError if the bytes are not this message
   */
  decode(bytes: Uint8Array, options?: { readonly strict?: boolean }): T;
}

const root = new protobuf.Root();
for (const schema of [dataPlaneSchema, tunnelSchema]) protobuf.parse(schema, root, { keepCase: false });
root.resolveAll();

const PLAIN = { longs: BigInt, bytes: Buffer, enums: String, arrays: true } as const;

/** Returns the codec of a message of the schemas. Fields are in camelCase. */
export function message<T extends object>(name: string): Message<T> {
  const type = root.lookupType(name);
  return {
    name,
    encode(value) {
      try {
        return Buffer.from(type.encode(type.fromObject(value)).finish());
      } catch (error) {
        throw new WireError(`cannot encode ${name}: ${textOf(error)}`);
      }
    },
    decode(bytes, { strict = false } = {}) {
      const reader = protobuf.Reader.create(bytes);
      reader.discardUnknown = !strict;
      try {
        const decoded = type.decode(reader);
        if (strict) rejectUnknownFields(type, decoded as Decoded);
        return type.toObject(decoded, PLAIN as protobuf.IConversionOptions) as T;
      } catch (error) {
        if (error instanceof WireError) throw error;
        throw new WireError(`cannot decode ${name}: ${textOf(error)}`);
      }
    },
  };
}

type Decoded = Readonly<Record<string, unknown>> & { readonly $unknowns?: readonly Uint8Array[] };

function rejectUnknownFields(type: protobuf.Type, decoded: Decoded): void {
  const [unknown] = decoded.$unknowns ?? [];
  if (unknown !== undefined) {
    const field = protobuf.Reader.create(unknown).uint32() >>> 3;
    // protobufjs also puts unknown enum values into `$unknowns`.
    const known = type.fieldsById[field];
    throw new WireError(
      known === undefined
        ? `${type.name} has the unknown field ${field}`
        : `${type.name} has an unknown value of ${known.name} (field ${field})`,
    );
  }
  for (const field of type.fieldsArray) {
    const value = decoded[field.name];
    if (!Object.hasOwn(decoded, field.name)) continue;
    for (const item of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (field.resolvedType instanceof protobuf.Type)
        rejectUnknownFields(field.resolvedType, item as Decoded);
    }
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
