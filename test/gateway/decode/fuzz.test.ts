import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CloudEvent, HTTP } from 'cloudevents';
import fc from 'fast-check';
import { BadEvent } from '../../../gateway/decode/bad-event.ts';
import { decodeRequest } from '../../../gateway/decode/decode-request.ts';
import { decode } from './decoded.ts';
import { assertAgreement, unknownDifferences } from './fuzz/agreement.ts';
import { arbitraryBytes, arbitraryRequest } from './fuzz/arbitrary-request.ts';
import { discrepancies } from './fuzz/discrepancies.ts';
import { knownDifferences } from './fuzz/known-differences.ts';
import { viewOf } from './fuzz/request-view.ts';
import { verdictOfPackage, verdictOfSluice } from './fuzz/verdicts.ts';

const SEED = 20261122;

for (const { name, reason, example, explains } of knownDifferences) {
  test(`differs from the package cloudevents: ${name}, because ${reason}`, () => {
    const found = discrepancies(verdictOfSluice(example), verdictOfPackage(example));
    assert.ok(
      found.some((one) => explains(one, viewOf(example))),
      JSON.stringify(found),
    );
    assert.deepEqual(unknownDifferences(example), []);
  });
}

test('decodes 600 valid and invalid requests of every mode as the package cloudevents does, except known differences', () => {
  assertAgreement({ seed: SEED, numRuns: 600 });
});

test('the generated requests are of every kind: accepted, rejected, and in each mode', () => {
  const seen = { accepted: 0, rejected: 0, binary: 0, structured: 0, batch: 0, bare: 0 };
  for (const request of fc.sample(arbitraryRequest, { seed: SEED, numRuns: 300 })) {
    seen[viewOf(request).mode]++;
    seen['events' in verdictOfSluice(request) ? 'accepted' : 'rejected']++;
  }
  for (const [kind, count] of Object.entries(seen)) assert.ok(count > 15, `${kind}: ${count}`);
});

test('answers events or a BadEvent for any bytes and headers', () => {
  fc.assert(
    fc.property(fc.oneof(arbitraryBytes, arbitraryRequest), (request) => {
      try {
        for (const event of decodeRequest(request).events) assert.ok(event.id && event.source && event.type);
      } catch (error) {
        assert.ok(error instanceof BadEvent, String(error));
        assert.ok(error.message.length < 500, `${error.message.length} characters`);
      }
    }),
    { seed: SEED, numRuns: 600 },
  );
});

test('decodes an event that the package sends in structured mode unchanged', () => {
  const name = fc.stringMatching(/^[a-z0-9.:/-]{1,20}$/);
  const text = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
    .filter((one) => !/\p{Cc}/u.test(one));
  const attributes = fc.record(
    {
      ...{ id: text, source: name.map((path) => `/${path.replaceAll('//', '/')}`), type: text },
      time: fc
        .date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })
        .map((date) => date.toISOString()),
      subject: text,
      custom: fc.oneof(text, fc.boolean(), fc.integer()),
      datacontenttype: fc.constantFrom('application/json', 'application/vnd.x+json'),
      data: fc.jsonValue({ maxDepth: 3 }),
    },
    { requiredKeys: ['id', 'source', 'type', 'time'] },
  );
  fc.assert(
    fc.property(attributes, (event) => {
      const { headers, body } = HTTP.structured(new CloudEvent(event));
      const read = decode(headers as Record<string, string>, String(body));
      assert.deepEqual(read, JSON.parse(JSON.stringify({ ...event, specversion: '1.0' })));
    }),
    { seed: SEED, numRuns: 200 },
  );
});
