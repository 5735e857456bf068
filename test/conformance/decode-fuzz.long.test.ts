import { test } from 'node:test';
import { assertAgreement } from '../gateway/decode/fuzz/agreement.ts';

test('200,000 new random requests are decoded as the package cloudevents decodes them, except known differences', (context) => {
  const seed = Date.now() % 2 ** 31;
  context.diagnostic(`seed ${seed}`);
  assertAgreement({ seed, numRuns: 200_000 });
});
