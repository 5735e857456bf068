import type { Change, ChangeAction } from './change-log.ts';

const actions: readonly ChangeAction[] = ['PUT_ROW', 'UPDATE_ROW', 'DELETE_ROW'];

/** A change as the writer hands it over: rows are PlainBuffer bytes. */
export interface NewChange {
  readonly action: ChangeAction;
  readonly record: Buffer;
  readonly origin?: Buffer | undefined;
}

/** A change as bytes: its action, the length of its record, the record, the old values where there are such. */
export function encodeChange({ action, record, origin = Buffer.alloc(0) }: NewChange): Buffer {
  const head = Buffer.allocUnsafe(5);
  head[0] = actions.indexOf(action);
  head.writeUInt32BE(record.length, 1);
  return Buffer.concat([head, record, origin]);
}

/** Reads a change back that was written at `timestamp` (µs). */
export function decodeChange(bytes: Buffer, timestamp: bigint): Change {
  const end = 5 + bytes.readUInt32BE(1);
  const action = actions[bytes[0] ?? actions.length];
  if (action === undefined) throw new Error(`change ${timestamp} is of no known action`);
  return {
    sequence: { epoch: 0, timestamp, rowIndex: 0 },
    action,
    record: bytes.subarray(5, end),
    ...(end === bytes.length ? {} : { origin: bytes.subarray(end) }),
  };
}
