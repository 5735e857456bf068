import type { Change, ChangeAction } from './change-log.ts';

const actions: readonly ChangeAction[] = ['PUT_ROW', 'UPDATE_ROW', 'DELETE_ROW'];

/** A change before it is stored. `record` and `oldRow` are PlainBuffer. */
export interface NewChange {
  readonly action: ChangeAction;
  readonly record: Buffer;
  readonly oldRow?: Buffer | undefined;
}

/** Encodes a change: action, length of the record, record, and the old values, if there are any. */
export function encodeChange({ action, record, oldRow = Buffer.alloc(0) }: NewChange): Buffer {
  const head = Buffer.allocUnsafe(5);
  head[0] = actions.indexOf(action);
  head.writeUInt32BE(record.length, 1);
  return Buffer.concat([head, record, oldRow]);
}

/** Decodes a change that was stored at `timestamp` (µs). */
export function decodeChange(bytes: Buffer, timestamp: bigint): Change {
  const end = 5 + bytes.readUInt32BE(1);
  const action = actions[bytes[0] ?? actions.length];
  if (action === undefined) throw new Error(`change ${timestamp} has an unknown action`);
  return {
    sequence: { epoch: 0, timestamp, rowIndex: 0 },
    action,
    record: bytes.subarray(5, end),
    ...(end === bytes.length ? {} : { oldRow: bytes.subarray(end) }),
  };
}
