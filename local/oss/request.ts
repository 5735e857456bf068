import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Address } from './address.ts';
import type { ChangeName, ChangeOrigin } from './object-change.ts';
import { OssError } from './oss-error.ts';
import type { Store } from './storage/store.ts';

/** A request whose address was read and whose signature was checked. */
export interface OssRequest extends Address {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: IncomingMessage;
  readonly requestId: string;
  readonly sourceIp: string;
}

/** What to answer; the server adds the headers that every answer has. */
export interface OssAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | AsyncIterable<Buffer>;
  /** Called exactly once when the body was sent, or could not be. */
  readonly release?: () => void;
  /** After so many bytes of the body the connection ends; without a body, before any answer. */
  readonly cutAfter?: number;
}

/** One API operation. */
export type Operation = (request: OssRequest, store: Store) => OssAnswer | Promise<OssAnswer>;

/** Who caused a change; `item` tells apart the changes of one request. */
export function originOf(request: OssRequest, name: ChangeName, item?: number): ChangeOrigin {
  const { requestId, sourceIp } = request;
  return { name, id: item === undefined ? requestId : `${requestId}-${item}`, requestId, sourceIp };
}

/** The value of a header that may come only once. */
export function header(request: OssRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

/** A whole number in the query between `min` and `max`, or `fallback` when it is absent; else InvalidArgument. */
export function integerFromQuery(
  query: ReadonlyMap<string, string>,
  name: string,
  { fallback, min, max }: { fallback: number; min: number; max: number },
): number {
  const text = query.get(name) ?? '';
  if (text === '') return fallback;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new OssError('InvalidArgument', `Argument ${name} must be an integer from ${min} to ${max}.`, {
    ArgumentName: name,
    ArgumentValue: text,
  });
}
