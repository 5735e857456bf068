import TableStore from 'tablestore';
import { median } from '../machine.ts';
import { startProcesses } from './benchmark-processes.ts';
import { forecastOf } from './rows.ts';

const BLOCKS = 5;
const BLOCK_MS = 3_000;
const ROWS_A_BATCH = 200;

/** Measures writes to the local Tablestore through the vendor's SDK: single rows, and batches of 200. */
export async function localStore() {
  const processes = await startProcesses();
  const client = new TableStore.Client({
    ...{ accessKeyId: 'local', secretAccessKey: 'local-secret' },
    ...{ endpoint: processes.endpoint, instancename: 'sluice-local', maxRetries: 0 },
  });
  const condition = new TableStore.Condition(TableStore.RowExistenceExpectation.IGNORE, null);
  let next = 0;
  const row = () => {
    next++;
    return {
      primaryKey: [{ adcode: String(110_000 + (next % 3_250)) }, { date: `2026-11-${10 + (next % 20)}` }],
      // The SDK accepts integers only as objects of its own class. So the only column that is not a text is omitted.
      attributeColumns: forecastOf(next).flatMap(({ name, value }) =>
        typeof value === 'string' ? [{ [name]: value }] : [],
      ),
    };
  };
  const writeSingleRow = async (): Promise<number> => {
    await client.putRow({ tableName: 'weather', condition, ...row(), returnContent: { returnType: 0 } });
    return 1;
  };
  const writeBatch = async (): Promise<number> => {
    const rows = Array.from({ length: ROWS_A_BATCH }, () => ({ type: 'PUT' as const, condition, ...row() }));
    const { tables: rowResults } = await client.batchWriteRow({ tables: [{ tableName: 'weather', rows }] });
    const failedRows = rowResults.filter(({ isOk }) => !isOk).length;
    if (failedRows > 0) throw new Error(`${failedRows} of ${ROWS_A_BATCH} rows were not written`);
    return ROWS_A_BATCH;
  };
  const rate = async (write: () => Promise<number>, parallel: number): Promise<number> => {
    const began = performance.now();
    let written = 0;
    const writeRepeatedly = async (): Promise<void> => {
      while (performance.now() - began < BLOCK_MS) {
        const rows = await write();
        written += rows;
      }
    };
    await Promise.all(Array.from({ length: parallel }, writeRepeatedly));
    return Math.round((written * 1_000) / (performance.now() - began));
  };
  try {
    await rate(writeSingleRow, 16);
    const [single, batched]: [number[], number[]] = [[], []];
    for (let block = 0; block < BLOCKS; block++) {
      single.push(await rate(writeSingleRow, 16));
      batched.push(await rate(writeBatch, 4));
    }
    const result = {
      ...{ singleRowsPerSecond: median(single), batchedRowsPerSecond: median(batched) },
      blocks: { single, batched },
    };
    console.log(`local Tablestore: ${JSON.stringify(result)}`);
    return result;
  } finally {
    await processes.stop();
  }
}
