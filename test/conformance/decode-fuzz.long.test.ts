import { test } from 'node:test';
import { assertAgreement } from '../gateway/decode/fuzz/agreement.ts';

test('200,000 other requests than the time before are read as the package cloudevents reads them, but for known differences', (context) => {
  const seed = Date.now() % 2 ** 31;
  context.diagnostic(`seed ${seed}`);
  assertAgreement({ seed, numRuns: 200_000 });
});
