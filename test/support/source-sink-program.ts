/**
 * A sink as a program. The sink writes each event that it accepts to a file, and then answers 202. Messages from the
 * parent process set how the sink answers from now on.
 */
import { openSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import type { SinkEvent, SinkMode } from './source-sink.ts';

const [port = '0', file = ''] = process.argv.slice(2);
const out = openSync(file, 'a');
let mode: SinkMode = { kind: 'accept' };
process.on('message', (next: SinkMode) => {
  mode = next;
});
process.on('disconnect', () => process.exit(0));

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { kind } = mode;
    if (kind === 'silent') return;
    if (kind === 'refuse') {
      response.writeHead(mode.status).end();
      return;
    }
    const headers = Object.fromEntries(
      Object.entries(request.headers).filter(([name]) => /^(ce-|content-type$)/.test(name)),
    );
    const answerDelayMs = kind === 'slow' ? mode.ms : 0;
    const event: SinkEvent = { headers, body: Buffer.concat(chunks).toString('base64'), answerDelayMs };
    writeSync(out, `${JSON.stringify(event)}\n`);
    if (answerDelayMs > 0) setTimeout(() => response.writeHead(202).end(), answerDelayMs);
    else response.writeHead(202).end();
  });
});
server.listen(Number(port), '127.0.0.1', () => process.send?.('ready'));
