import type { StoredChannel } from '../../../../local/tablestore/tunnel/tunnel-records.ts';

/** Returns a stream channel without an owner, with these changes. */
export const channel = (changes: Partial<StoredChannel>): StoredChannel => ({
  ...{ id: 'c', kind: 'Stream', partition: 'p', index: 0, status: 'CLOSE', version: 0n },
  ...{ suspended: false, checkpoint: '', sequenceNumber: 0n, count: 0n },
  ...changes,
});
