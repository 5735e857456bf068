import protobuf from 'protobufjs';
import { WireError } from '../errors.ts';
import { dataPlaneSchema } from './data-plane-schema.ts';
import { tunnelSchema } from './tunnel-schema.ts';

/** Encodes and decodes one message: 64-bit integers are bigint, bytes are Buffer, enums their names. */
export interface Message<T> {
  readonly name: string;
  /** @throws WireError for a value that the field cannot hold, and for a missing required one */
  encode(value: T): Buffer;
  /**
   * Repeated fields are there, empty if need be; optional ones that were not sent are absent. `strict` refuses fields
   * that the schema does not know, as a server does that must not do half of what it was asked.
   * @throws WireError for bytes that are no such message
   */
  decode(bytes: Uint8Array, options?: { readonly strict?: boolean }): T;
}

const root = new protobuf.Root();
for (const schema of [dataPlaneSchema, tunnelSchema]) protobuf.parse(schema, root, { keepCase: false });
root.resolveAll();

const PLAIN = { longs: BigInt, bytes: Buffer, enums: String, arrays: true } as const;

/** The codec of a message of the schemas by its name; the fields are named in camelCase. */
export function message<T extends object>(name: string): Message<T> {
  const type = root.lookupType(name);
  return {
    name,
    encode(value) {
      try {
        return Buffer.from(type.encode(type.fromObject(value)).finish());
      } catch (error) {
        throw new WireError(`${name} cannot be written: ${textOf(error)}`);
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
        throw new WireError(`the bytes are no ${name}: ${textOf(error)}`);
      }
    },
  };
}

type Decoded = Readonly<Record<string, unknown>> & { readonly $unknowns?: readonly Uint8Array[] };

function rejectUnknownFields(type: protobuf.Type, decoded: Decoded): void {
  const [unknown] = decoded.$unknowns ?? [];
  if (unknown !== undefined) {
    const field = protobuf.Reader.create(unknown).uint32() >>> 3;
    // protobufjs puts a value that an enum does not have there, too.
    const known = type.fieldsById[field];
    throw new WireError(
      known === undefined
        ? `${type.name} has field ${field}, which is not known`
        : `${type.name} has a ${known.name} (field ${field}) that is not known`,
    );
  }
  for (const field of type.fieldsArray) {
    const value = decoded[field.name];
    if (!Object.hasOwn(decoded, field.name)) continue;
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (field.resolvedType instanceof protobuf.Type)
        rejectUnknownFields(field.resolvedType, one as Decoded);
    }
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
