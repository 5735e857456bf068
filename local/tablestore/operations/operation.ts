import type { OtsError } from '../../../ots/errors.ts';
import { WireError } from '../../../ots/errors.ts';
import { message } from '../../../ots/wire/message.ts';
import { parameterInvalid } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { Storage } from '../storage/storage.ts';
import { hasTooManyFields } from '../too-many-fields.ts';

/** What goes with one call beside its body. */
export interface CallContext {
  /** Asked for each row of a batch: the failure that somebody wished for it. */
  readonly rowFault: () => OtsError | undefined;
}

/** Carries out one request; what it throws is answered as an error. */
export type Operation = (body: Buffer, call: CallContext) => Buffer;

/** An operation of the data plane, from decoded request to answer. */
export type Handler<Request, Response> = (request: Request, storage: Storage, call: CallContext) => Response;

/** Makes a handler an operation: `<name>Request` is decoded strictly, `<name>Response` encoded. */
export function operation<Request extends object, Response extends object>(
  name: string,
  handle: Handler<Request, Response>,
): (storage: Storage) => Operation {
  const requests = message<Request>(`${name}Request`);
  const responses = message<Response>(`${name}Response`);
  return (storage) => (body, call) => {
    if (hasTooManyFields(requests.name, body, LIMITS.fieldsPerRequest))
      throw parameterInvalid(`${requests.name} has more than ${LIMITS.fieldsPerRequest} fields.`);
    const request = parse(() => requests.decode(body, { strict: true }));
    return responses.encode(handle(request, storage, call));
  };
}

function parse<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw parameterInvalid(`Failed to parse the ProtoBuf message: ${error.message}.`);
  }
}
