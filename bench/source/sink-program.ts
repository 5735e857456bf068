/**
 * A minimal sink: accepts every event, counts events by path, and records the age of each change that is posted to
 * `/aged`.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const counts: Record<string, number> = {};
let ages: number[] = [];

const server = createServer((request, response) => {
  request.on('data', () => {});
  request.on('end', () => {
    const path = request.url ?? '';
    counts[path] = (counts[path] ?? 0) + 1;
    const time = request.headers['ce-time'];
    if (path === '/aged' && typeof time === 'string')
      ages.push(performance.timeOrigin + performance.now() - Date.parse(time));
    response.writeHead(202).end();
  });
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('message', () => {
  process.send?.({ counts, ages });
  ages = [];
});
process.on('disconnect', () => process.exit(0));
