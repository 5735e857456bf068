/** Reads forecasts through the api or from the store. A command starts the program's reads, and `null` stops them. */
import { setTimeout as wait } from 'node:timers/promises';
import { Pool } from 'undici';
import { createTablestoreStore } from '../../adapters/tablestore/tablestore-store.ts';
import { weatherTable } from '../../ports/weather-tables.ts';

export interface QueryLoadCommand {
  /** The api's address. Without it, the program reads the store. */
  readonly api?: string;
  readonly tablestore: string;
  readonly keys: readonly { readonly adcode: string; readonly date: string }[];
  readonly parallel: number;
  readonly rate?: { readonly perSecond: number; readonly seconds: number };
}

type Key = QueryLoadCommand['keys'][number];

let stopped = true;
let made = 0;

function reader({ api, tablestore }: QueryLoadCommand): (key: Key) => Promise<void> {
  if (api === undefined) {
    const credentials = () => ({ accessKeyId: 'local', accessKeySecret: 'local-secret' });
    const store = createTablestoreStore({ endpoint: tablestore, instance: 'sluice-local', credentials });
    return async (key) => {
      if ((await store.get(weatherTable, key)) === undefined) throw new Error(`no row ${key.adcode}`);
    };
  }
  const pool = new Pool(api, { pipelining: 1 });
  return async ({ adcode, date }) => {
    const path = `/api/weather/query?cityCode=${adcode}&date=${date}`;
    const { body } = await pool.request({ path, method: 'GET' });
    const text = await body.text();
    if (!text.includes(`"adcode":"${adcode}"`)) throw new Error(`the api answered ${text.slice(0, 200)}`);
  };
}

async function run(command: QueryLoadCommand): Promise<void> {
  const read = reader(command);
  const next = (): Key => command.keys[made++ % command.keys.length] as Key;
  stopped = false;
  made = 0;
  if (command.rate === undefined) {
    const readRepeatedly = async (): Promise<void> => {
      while (!stopped) await read(next());
    };
    await Promise.all(Array.from({ length: command.parallel }, readRepeatedly));
    process.send?.({ made });
    return;
  }
  const { perSecond, seconds } = command.rate;
  const began = performance.now();
  const took: Promise<number>[] = [];
  for (let index = 0; index < perSecond * seconds; index++) {
    const pause = began + (index * 1_000) / perSecond - performance.now();
    if (pause > 0) await wait(pause);
    const at = performance.now();
    took.push(read(next()).then(() => performance.now() - at));
  }
  process.send?.({ took: await Promise.all(took) });
}

process.on('message', (command: QueryLoadCommand | null) => {
  if (command === null) stopped = true;
  else void run(command);
});
process.on('disconnect', () => process.exit(0));
