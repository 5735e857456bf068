import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A delivery as a subscriber got it; header values as Latin-1. */
export interface Delivery {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** A subscriber of the test's own, which notes what comes and answers what it is told to, else 202 with nothing. */
export interface Bystander {
  readonly port: number;
  readonly deliveries: readonly Delivery[];
  stop(): Promise<void>;
}

/** Starts one on a free port of 127.0.0.1. */
export async function startBystander(
  answer: (delivery: Delivery) => { status: number; body: string } = () => ({ status: 202, body: '' }),
): Promise<Bystander> {
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
