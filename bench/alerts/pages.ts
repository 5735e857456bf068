import { subscriptionPages } from '../../activities/alerts/subscriptions.ts';
import { DEFAULT_CONDITION } from '../../domain/alerts/condition.ts';
import { subscriptionsTable } from '../../ports/alert-tables.ts';
import { startLocalStore } from '../../test/support/local-store.ts';
import { median } from '../machine.ts';

const ROWS = 20_000;
const ADCODE = '110000';
const ROUNDS = 5;
const WRITES = 500;

/** What people choose: most choose the defaults, and the others many different times. */
const DOCUMENTS = Array.from({ length: 240 }, (_, number) => {
  const at = number % 2 === 0 ? '20:00' : `${18 + (number % 4)}:${String(number % 60).padStart(2, '0')}`;
  return JSON.stringify({
    ...{ condition: DEFAULT_CONDITION, at, tz: 'Asia/Shanghai', mode: 'alert', holidays: 'keep' },
    ...{ lateWindow: 'PT3H', correction: true, locale: 'zh' },
  });
});

/** Reads the subscriptions of one place in pages, and compares this with a bare range read of the same rows. */
export async function pages() {
  const { store, stop } = await startLocalStore();
  try {
    for (let from = 0; from < ROWS; from += WRITES)
      await store.writeMany(
        subscriptionsTable,
        Array.from({ length: WRITES }, (_, index) => ({
          key: { adcode: ADCODE, subscriptionId: `${ADCODE}-${String(from + index).padStart(26, '0')}` },
          do: 'put',
          columns: {
            ...{ channelid: 'channel', createdat: 1n, version: 1n },
            document: DOCUMENTS[(from + index) % DOCUMENTS.length] ?? '',
          },
        })),
      );
    const { signal } = new AbortController();
    const bare = async (): Promise<number> => {
      let rows = 0;
      for await (const _ of store.range(subscriptionsTable, { prefix: { adcode: ADCODE }, signal })) rows++;
      return rows;
    };
    const paged = async (): Promise<number> => {
      let rows = 0;
      for await (const page of subscriptionPages({ store, log: { warn: () => {} } }, ADCODE, signal))
        rows += page.length;
      return rows;
    };
    const ratios: number[] = [];
    const rates: { bare: number[]; paged: number[] } = { bare: [], paged: [] };
    for (let round = 0; round < ROUNDS; round++) {
      const [bareRate, pagedRate] = [await rateOf(bare), await rateOf(paged)];
      rates.bare.push(bareRate);
      rates.paged.push(pagedRate);
      ratios.push(pagedRate / bareRate);
    }
    return {
      ...{ rows: ROWS, barePerSecond: median(rates.bare), pagedPerSecond: median(rates.paged) },
      ratio: Number(median(ratios).toFixed(2)),
    };
  } finally {
    await stop();
  }
}

async function rateOf(read: () => Promise<number>): Promise<number> {
  const began = performance.now();
  const rows = await read();
  return Math.round(rows / ((performance.now() - began) / 1_000));
}
