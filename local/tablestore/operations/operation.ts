import type { OtsError } from '../../../ots/errors.ts';
import { WireError } from '../../../ots/errors.ts';
import { message } from '../../../ots/wire/message.ts';
import { parameterInvalid } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { Storage } from '../storage/storage.ts';
import { hasTooManyFields } from '../too-many-fields.ts';

/** The context of a call, in addition to its body. */
export interface CallContext {
  /** Called for each row of a batch. Returns the injected failure of that row, if there is one. */
  readonly rowFault: () => OtsError | undefined;
}

/** Carries out one request. If it throws, the server answers with an error. */
export type Operation = (body: Buffer, call: CallContext) => Buffer;

/** An operation of the data plane on decoded messages. */
export type Handler<Request, Response> = (request: Request, storage: Storage, call: CallContext) => Response;

/** Turns a handler into an operation: decodes `<name>Request` strictly and encodes `<name>Response`. */
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
