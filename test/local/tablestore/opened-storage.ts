import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { openLocalDatabase } from '../../../local/database.ts';
import { dataPlaneOperations } from '../../../local/tablestore/operations/data-plane-operations.ts';
import { openStorage, type Storage } from '../../../local/tablestore/storage/storage.ts';
import { message } from '../../../ots/wire/message.ts';

export interface OpenedStorage {
  readonly storage: Storage;
  /** Calls an operation without HTTP. */
  call<T extends object>(operation: string, request: object): T;
}

/** Opens a storage in a temporary directory, which is deleted after the test. `clock` returns epoch ms. */
export async function openTestStorage(
  t: TestContext,
  { clock = Date.now, partitions = 4 }: { readonly clock?: () => number; readonly partitions?: number } = {},
): Promise<OpenedStorage> {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-storage-'));
  const database = openLocalDatabase(dir);
  t.after(async () => {
    await database.close();
    await rm(dir, { recursive: true, force: true });
  });
  const storage = openStorage(database, { clock, partitions });
  const operations = dataPlaneOperations(storage);
  return {
    storage,
    call<T extends object>(operation: string, request: object): T {
      const body = message(`${operation}Request`).encode(request);
      const answer = operations.get(`/${operation}`)?.(body, { rowFault: () => undefined });
      if (answer === undefined) throw new Error(`${operation} is not an operation`);
      return message<T>(`${operation}Response`).decode(answer);
    },
  };
}
