/** Posts the same bodies as the source, with the same parallelism, and does nothing else; each message starts or stops it. */
import { Agent, request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { BareOrder } from './bare-loop.ts';

const agent = new Agent({ keepAlive: true });
let order: BareOrder | undefined;

function post(url: string, { headers, body }: BareOrder['events'][number]): Promise<void> {
  return new Promise((resolve, reject) => {
    const length = { 'content-length': Buffer.byteLength(body) };
    const sent = request(url, { method: 'POST', agent, headers: { ...headers, ...length } }, (answer) => {
      answer.resume();
      resolve();
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

async function closedLoop(now: BareOrder): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (order === now) {
      const event = now.events[next++ % now.events.length];
      if (event !== undefined) await post(now.url, event);
    }
  };
  await Promise.all(Array.from({ length: now.parallel }, lane));
  process.send?.({ done: true });
}

async function openLoop(now: BareOrder, perSecond: number, seconds: number): Promise<void> {
  const began = performance.now();
  const took: Promise<number>[] = [];
  for (let index = 0; index < perSecond * seconds; index++) {
    const pause = began + (index * 1_000) / perSecond - performance.now();
    if (pause > 0) await wait(pause);
    const event = now.events[index % now.events.length];
    const at = performance.now();
    if (event !== undefined) took.push(post(now.url, event).then(() => performance.now() - at));
  }
  process.send?.({ took: await Promise.all(took) });
}

process.on('message', (next: BareOrder | null) => {
  order = next ?? undefined;
  if (next === null) return;
  void (next.rate === undefined ? closedLoop(next) : openLoop(next, next.rate.perSecond, next.rate.seconds));
});
process.on('disconnect', () => process.exit(0));
