import { openLocalDatabase } from '../../../local/database.ts';
import { dataPlaneOperations } from '../../../local/tablestore/operations/data-plane-operations.ts';
import { openStorage } from '../../../local/tablestore/storage/storage.ts';
import { message } from '../../../ots/wire/message.ts';
import { newTable, rowBytes } from './signed-call.ts';

/** Writes numbered rows to a storage until it is killed. Sends each number to its parent after the write. */
const [dir = '', first = '0'] = process.argv.slice(2);
const storage = openStorage(openLocalDatabase(dir), { clock: Date.now, partitions: 4 });
const operations = dataPlaneOperations(storage);

const call = (operation: string, request: object) =>
  operations.get(`/${operation}`)?.(message(`${operation}Request`).encode(request), {
    rowFault: () => undefined,
  });

if (storage.tables.find('t') === undefined) call('CreateTable', newTable('t'));

const condition = { rowExistence: 'IGNORE' };

/** Writes to 50 keys: mostly puts, in batches and alone, and some deletes. */
function write(number: number): void {
  const cells = [{ name: 'n', value: BigInt(number) }];
  const k = `row ${number % 50}`;
  if (number % 7 === 3)
    call('DeleteRow', {
      tableName: 't',
      primaryKey: rowBytes({ k: `row ${(number + 9) % 50}` }, [], true),
      condition,
    });
  if (number % 3 !== 0) {
    call('PutRow', { tableName: 't', row: rowBytes({ k }, cells), condition });
    return;
  }
  const keys = [k, ...Array.from({ length: 9 }, (_, n) => `batch ${(number + n) % 50}`)];
  const rows = keys.map((key) => ({ type: 'PUT', rowChange: rowBytes({ k: key }, cells), condition }));
  call('BatchWriteRow', { tables: [{ tableName: 't', rows }] });
}

let number = Number(first);
function next(): void {
  write(number);
  process.send?.(number++, () => setImmediate(next));
}
next();
