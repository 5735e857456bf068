import { message } from '../../../ots/wire/message.ts';
import { encodeRows } from '../../../ots/wire/plain-buffer-writer.ts';
import type { Cell, KeyValue } from '../../../ots/wire/row.ts';
import { DATA_PLANE_VERSION, headersWithSignature, requestSignature } from '../../../ots/wire/signature.ts';
import { INSTANCE, KEY_ID, SECRET } from './running-tablestore.ts';

export interface SignedOptions {
  /** Replaces headers before the request is signed. Undefined removes a header. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly secret?: string;
  readonly now?: number;
}

/** Returns the headers of a signed request, with these changes. */
export function headersOf(
  path: string,
  body: Buffer,
  { headers: changes = {}, secret = SECRET, now = Date.now() }: SignedOptions = {},
): Record<string, string> {
  const credentials = { accessKeyId: KEY_ID, accessKeySecret: secret };
  const original = headersWithSignature(path, body, {
    instance: INSTANCE,
    version: DATA_PLANE_VERSION,
    credentials,
    now,
  });
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries({ ...original, 'x-ots-signature': undefined, ...changes }))
    if (value !== undefined) headers[name] = value;
  return 'x-ots-signature' in changes
    ? headers
    : { ...headers, 'x-ots-signature': requestSignature(path, headers, secret) };
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

/** Posts bytes with a signature. */
export async function postSigned(
  endpoint: string,
  path: string,
  body: Buffer,
  options: SignedOptions = {},
): Promise<WireAnswer> {
  const headers = headersOf(path, body, options);
  const answer = await fetch(endpoint + path, {
    method: 'POST',
    headers,
    body,
    signal: AbortSignal.timeout(20_000),
  });
  return { status: answer.status, headers: answer.headers, body: Buffer.from(await answer.arrayBuffer()) };
}

/** Returns the error in an answer as `status code message`. */
export function errorIn({ status, body }: WireAnswer): string {
  const { code, message: text } = message<{ code: string; message: string }>('Error').decode(body);
  return `${status} ${code} ${text}`;
}

/** Calls an operation. Throws the error of the answer. */
export async function call<T extends object>(
  endpoint: string,
  operation: string,
  request: object,
  options: SignedOptions = {},
): Promise<T> {
  const body = message(`${operation}Request`).encode(request);
  const answer = await postSigned(endpoint, `/${operation}`, body, options);
  if (answer.status !== 200) throw new Error(errorIn(answer));
  return message<T>(`${operation}Response`).decode(answer.body);
}

export interface KeySchema {
  readonly name: string;
  readonly type: 'INTEGER' | 'STRING' | 'BINARY';
}

/** Returns a request that creates a table with the string key column `k` and, unless `stream` is false, a stream. */
export const newTable = (
  tableName: string,
  {
    keys = [{ name: 'k', type: 'STRING' }],
    stream = { enableStream: true, expirationTime: 24 },
    options = {},
  }: {
    readonly keys?: readonly KeySchema[];
    readonly stream?: object | false;
    readonly options?: object;
  } = {},
) => ({
  tableMeta: { tableName, primaryKey: keys },
  reservedThroughput: { capacityUnit: { read: 0, write: 0 } },
  tableOptions: { timeToLive: -1, maxVersions: 1, ...options },
  ...(stream === false ? {} : { streamSpec: stream }),
});

/** Encodes a row. */
export const rowBytes = (
  key: Readonly<Record<string, KeyValue | symbol>>,
  cells: readonly Cell[],
  deleted = false,
) =>
  encodeRows([
    {
      primaryKey: Object.entries(key).map(([name, value]) => ({ name, value: value as KeyValue })),
      cells,
      deleted,
    },
  ]);

const condition = { rowExistence: 'IGNORE' };

export const putRow = (
  endpoint: string,
  tableName: string,
  k: string,
  cells: readonly Cell[],
): Promise<object> => call(endpoint, 'PutRow', { tableName, row: rowBytes({ k }, cells), condition });

export const updateRow = (
  endpoint: string,
  tableName: string,
  k: string,
  cells: readonly Cell[],
): Promise<object> =>
  call(endpoint, 'UpdateRow', { tableName, rowChange: rowBytes({ k }, cells), condition });

export const deleteRow = (endpoint: string, tableName: string, k: string): Promise<object> =>
  call(endpoint, 'DeleteRow', { tableName, primaryKey: rowBytes({ k }, [], true), condition });
