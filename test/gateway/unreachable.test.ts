import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { freePort } from '../support/free-port.ts';
import { assertRejected, send } from './http.ts';
import { startGateway } from './running-gateway.ts';

const event = (id: number) => ({ specversion: '1.0', id: String(id), source: '/s', type: 'any.event' });

/** A server that accepts connections and never answers. */
async function silentServer() {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return {
    address: `127.0.0.1:${address.port}`,
    stop(): Promise<void> {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

const unreachable = [
  {
    name: 'Temporal is not running',
    open: async () => ({ address: `127.0.0.1:${await freePort()}`, stop: async () => {} }),
  },
  { name: 'Temporal does not answer', open: silentServer },
] as const;

const requests = [
  { kind: 'one event', type: 'application/cloudevents+json', body: JSON.stringify(event(1)) },
  {
    kind: 'a batch of 100',
    type: 'application/cloudevents-batch+json',
    body: JSON.stringify(Array.from({ length: 100 }, (_, id) => event(id))),
  },
] as const;

const KEEPER = `
sources:
  - { name: keeper, parkUnmatched: true }
routes: []
`;

for (const { name, open } of unreachable) {
  test(`answers 503 to an unmatched event that must be parked, if ${name}`, async () => {
    const server = await open();
    const gateway = await startGateway(server.address, { routes: KEEPER });
    try {
      const headers = { 'content-type': 'application/cloudevents+json' };
      assertRejected(await send(gateway.port, { headers, body: JSON.stringify(event(1)) }), 503);
    } finally {
      await gateway.stop();
      await server.stop();
    }
  });

  test(`answers 503 with the reason to a look-up and to a replay, if ${name}`, async () => {
    const server = await open();
    const gateway = await startGateway(server.address);
    try {
      const [found, replayed] = await Promise.all([
        send(gateway.port, { method: 'GET', path: '/events/%2Fs/1' }),
        send(gateway.port, { path: '/parked/parked:1/replay' }),
      ]);
      assert.match(assertRejected(found, 503), /^the runs cannot be looked up: ./);
      assert.match(assertRejected(replayed, 503), /^Temporal (cannot be reached|did not answer in time)$/);
    } finally {
      await gateway.stop();
      await server.stop();
    }
  });

  test(`answers 503 with Retry-After within 3.5 s, and readyz is 503, if ${name}`, async () => {
    const server = await open();
    const gateway = await startGateway(server.address);
    try {
      assert.equal((await send(gateway.port, { method: 'GET', path: '/livez' })).status, 200);
      const ready = send(gateway.port, { method: 'GET', path: '/readyz' });
      const began = performance.now();
      await Promise.all(
        requests.map(async ({ kind, type, body }) => {
          const answer = await send(gateway.port, { headers: { 'content-type': type }, body });
          const took = performance.now() - began;
          assertRejected(answer, 503);
          assert.match(String(answer.headers['retry-after']), /^[1-9]\d*$/);
          assert.ok(took < 3_500, `${kind} took ${Math.round(took)} ms`);
        }),
      );
      assertRejected(await ready, 503);
    } finally {
      await gateway.stop();
      await server.stop();
    }
  });
}
