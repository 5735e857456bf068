import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ListItem, UnorderedList } from '../../source/unordered-list.ts';

test('a list contains the values that were added and not removed, even if some are removed twice', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 20 })), (steps) => {
      const list = new UnorderedList<number>();
      const items: ListItem<number>[] = [];
      const expected = new Set<number>();
      for (const [value, step] of steps.entries()) {
        if (step % 2 === 0) {
          items.push(list.add(value));
          expected.add(value);
        } else {
          const item = items[step % Math.max(1, items.length)];
          if (item === undefined) continue;
          list.remove(item);
          expected.delete(item.value);
        }
        assert.equal(list.size, expected.size);
        assert.deepEqual(list.values().sort(), [...expected].sort());
      }
    }),
  );
});
