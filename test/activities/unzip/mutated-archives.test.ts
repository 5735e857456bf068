import { test } from 'node:test';
import { mutateArchives } from '../../support/mutate-archives.ts';

test('1,000 archives with changed bytes are rejected, or give only contents of the original', async () => {
  const { read, rejected } = await mutateArchives(1_000, 1);
  console.log(`# ${read} were read, ${rejected} were rejected`);
});
