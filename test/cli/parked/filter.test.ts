import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchesFilter, readFilter } from '../../../cli/parked/filter.ts';

const orderMemo = {
  ...{ reason: 'route orders: the event has no data.id', status: 422, receivedAt: '2026-11-22T12:00:00Z' },
  ...{ route: 'orders', event: { type: 'order.placed', source: '/shop' }, bytes: 10 },
};
const unreadable = {
  ...{ reason: 'the body is not UTF-8', status: 400, receivedAt: '2026-11-22T12:00:00Z' },
  ...{ event: {}, bytes: 3 },
};

const cases: readonly (readonly [flags: Parameters<typeof readFilter>[0], fit: readonly object[]])[] = [
  [{}, [orderMemo, unreadable]],
  [{ type: 'order.placed' }, [orderMemo]],
  [{ type: 'order' }, []],
  [{ route: 'orders' }, [orderMemo]],
  [{ route: 'order' }, []],
  [{ reason: 'NO DATA' }, [orderMemo]],
  [{ reason: 'the' }, [orderMemo, unreadable]],
  [{ status: '400' }, [unreadable]],
  [{ reason: 'utf-8', status: '422' }, []],
];

for (const [flags, expected] of cases)
  test(`the filter ${JSON.stringify(flags)} matches ${expected.length} of 2 parked requests`, () => {
    const filter = readFilter(flags);
    assert.deepEqual(
      [orderMemo, unreadable].filter((memo) => matchesFilter(memo, filter)),
      expected,
    );
  });
