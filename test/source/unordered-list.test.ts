import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ListItem, UnorderedList } from '../../source/unordered-list.ts';

test('a bag holds what was put in and not taken out, however often it is taken out', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 20 })), (steps) => {
      const bag = new UnorderedList<number>();
      const places: ListItem<number>[] = [];
      const expected = new Set<number>();
      for (const [value, step] of steps.entries()) {
        if (step % 2 === 0) {
          places.push(bag.add(value));
          expected.add(value);
        } else {
          const place = places[step % Math.max(1, places.length)];
          if (place === undefined) continue;
          bag.remove(place);
          expected.delete(place.value);
        }
        assert.equal(bag.size, expected.size);
        assert.deepEqual(bag.values().sort(), [...expected].sort());
      }
    }),
  );
});
