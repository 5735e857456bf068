import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A delivery to a subscriber. Header values are Latin-1. */
export interface Delivery {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** A subscriber that records deliveries. By default, it answers 202 without a body. */
export interface Subscriber {
  readonly port: number;
  readonly deliveries: readonly Delivery[];
  stop(): Promise<void>;
}

/** Starts a subscriber on a free port of 127.0.0.1. */
export async function startSubscriber(
  answer: (delivery: Delivery) => { status: number; body: string } = () => ({ status: 202, body: '' }),
): Promise<Subscriber> {
  const deliveries: Delivery[] = [];
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const { url = '', headers } = req;
      const delivery = { path: url, headers, body: Buffer.concat(chunks).toString() };
      deliveries.push(delivery);
      const { status, body } = answer(delivery);
      res.statusCode = status;
      res.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    deliveries,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
