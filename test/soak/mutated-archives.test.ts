import { test } from 'node:test';
import { mutateArchives } from '../support/mutate-archives.ts';

test('100,000 archives with changed bytes are rejected, or give only contents of the original', async () => {
  for (let seed = 100; seed < 200; seed++) {
    const { read, rejected } = await mutateArchives(1_000, seed);
    if (seed % 20 === 0) console.log(`# seed ${seed}: ${read} were read, ${rejected} were rejected`);
  }
});
