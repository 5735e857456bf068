import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * The system gives no port of this range to outgoing connections or to servers that ask for any port. Such a port could
 * be taken before a test uses it.
 */
const FIRST_PORT = 20_000;
const END_PORT = 32_000;

/** Returns a port of 127.0.0.1 that was free at the time of the call. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST_PORT, END_PORT);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const isListening = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => resolve(true));
  });
  if (isListening) await new Promise((resolve) => server.close(resolve));
  return isListening;
}
