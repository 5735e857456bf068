import type { IncomingMessage } from 'node:http';

/** How long the rest of a body that is not wanted may go on coming. */
const REST_MS = 2_000;

/** Takes and forgets the rest of a body: a connection that is cut at once would take the answer with it. */
export function dropRest(request: IncomingMessage): void {
  if (request.complete) return;
  request.resume();
  const cut = setTimeout(() => request.destroy(), REST_MS);
  request.once('close', () => clearTimeout(cut));
}
