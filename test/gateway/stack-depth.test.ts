import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { stackFiles } from '../support/stack-files.ts';
import { startTemporal, type TestTemporal } from '../support/temporal-server.ts';
import { assertAccepted, send } from './http.ts';
import { startGateway } from './running-gateway.ts';

const ROUTES = `
routes:
  - { name: starts, match: { type: [start] }, workflow: w, queue: nobody, id: "s:{id}" }
  - { name: signals, match: { type: [signal] }, workflow: w, queue: nobody, id: "g:{id}", signal: changed }
`;

/** The maximum number of Sluice's files between a request and Temporal. */
const MAX_FILES = 8;

let temporal: TestTemporal;
let gateway: Awaited<ReturnType<typeof startGateway>>;
before(async () => {
  temporal = await startTemporal();
  gateway = await startGateway(temporal.address, { routes: ROUTES });
});
after(async () => {
  await gateway?.stop();
  await temporal?.stop();
});

/**
 * Calls `work`, and returns Sluice's files in the asynchronous stack of its first call of the client's method. The
 * method is replaced by a function that calls the real method, too.
 */
async function stackOf(method: 'start' | 'signalWithStart', work: () => Promise<void>): Promise<string[]> {
  const { workflow } = gateway.client;
  const real = workflow[method].bind(workflow) as (...args: unknown[]) => unknown;
  let files: string[] | undefined;
  Object.assign(workflow, {
    [method]: (...args: unknown[]) => {
      files ??= stackFiles();
      return real(...args);
    },
  });
  try {
    await work();
  } finally {
    delete (workflow as Partial<typeof workflow>)[method];
  }
  return files ?? assert.fail(`${method} was not called`);
}

for (const { method, type, last } of [
  { method: 'start', type: 'start', last: 'gateway/temporal/start-run.ts' },
  { method: 'signalWithStart', type: 'signal', last: 'gateway/temporal/signal-run.ts' },
] as const)
  test(`at most ${MAX_FILES} files of Sluice are between the POST of an event and the client's ${method}`, async (t) => {
    const files = await stackOf(method, async () => {
      const answer = await send(gateway.port, {
        headers: { 'content-type': 'application/cloudevents+json' },
        body: JSON.stringify({ specversion: '1.0', id: method, source: '/s', type }),
      });
      assertAccepted(answer, `/events/%2Fs/${method}`);
    });
    t.diagnostic(files.join(' < '));
    assert.equal(files[0], last);
    assert.equal(
      files.at(-1),
      'gateway/event-endpoint.ts',
      'the chain must be complete and begin where HTTP requests enter',
    );
    assert.ok(files.includes('gateway/temporal/deliver-events.ts'));
    assert.ok(files.length <= MAX_FILES, files.join(', '));
  });
