import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Address } from './address.ts';
import type { AllowedSize, UploadForm } from './form-policy.ts';
import type { ChangeCause, ChangeName } from './object-change.ts';
import { OssError } from './oss-error.ts';
import type { Store } from './storage/store.ts';

/** A request with its parsed address. Its signature is already checked, except that of a form upload. */
export interface OssRequest extends Address {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: IncomingMessage;
  readonly requestId: string;
  readonly sourceIp: string;
  /** Checks the signature and the policy of a form upload. The signature of a form is not in the request's headers. */
  readonly checkForm: (form: UploadForm) => AllowedSize;
}

/** An answer, without the headers that every answer has. */
export interface OssAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | AsyncIterable<Buffer>;
  /** Called exactly once after the body was sent or sending it failed. */
  readonly release?: () => void;
  /** The connection ends after this many bytes of the body. Without a body, the connection ends before any answer. */
  readonly cutAfter?: number;
}

/** One API operation. */
export type Operation = (request: OssRequest, store: Store) => OssAnswer | Promise<OssAnswer>;

/** Returns the cause of a change. `item` distinguishes the changes of one request. */
export function changeCauseOf(request: OssRequest, name: ChangeName, item?: number): ChangeCause {
  const { requestId, sourceIp } = request;
  return { name, id: item === undefined ? requestId : `${requestId}-${item}`, requestId, sourceIp };
}

/** Returns the value of a header, with repeated values joined by commas. */
export function header(request: OssRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

/** Returns an integer from the query, or `fallback` if it is absent. Throws InvalidArgument if it is out of range. */
export function integerFromQuery(
  query: ReadonlyMap<string, string>,
  name: string,
  { fallback, min, max }: { fallback: number; min: number; max: number },
): number {
  const text = query.get(name) ?? '';
  if (text === '') return fallback;
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new OssError('InvalidArgument', `Argument ${name} must be an integer from ${min} to ${max}.`, {
    ArgumentName: name,
    ArgumentValue: text,
  });
}
