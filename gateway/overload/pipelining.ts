import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';

/** Clients that pipeline at all have a few requests under way on a connection. */
const UNANSWERED = 32;

/** Ends connections on which more requests wait for their answers than any client sends: they cost us, and them nothing. */
export function limitPipelining(handler: RequestListener): RequestListener {
  const unanswered = new WeakMap<Socket, number>();
  return (request, response) => {
    const { socket } = request;
    const open = (unanswered.get(socket) ?? 0) + 1;
    unanswered.set(socket, open);
    if (open > UNANSWERED) {
      socket.destroy();
      return;
    }
    response.once('close', () => unanswered.set(socket, (unanswered.get(socket) ?? 1) - 1));
    handler(request, response);
  };
}
