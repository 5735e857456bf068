/** Posts the same bodies as the source, with the same concurrency. A command starts the loop, and `null` stops it. */
import { Agent, request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { sendHttp } from '../../runtime/http-client.ts';
import { createSinkClient, type PostEvent } from '../../source/sink-client.ts';
import type { BaselineCommand, PostingClient } from './baseline-loop.ts';

const agent = new Agent({ keepAlive: true });
let currentCommand: BaselineCommand | undefined;

type Event = BaselineCommand['events'][number];
type Post = (url: string, event: Event) => Promise<unknown>;

function postBare(url: string, { headers, body }: Event): Promise<void> {
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

const never = new AbortController().signal;
const TIMEOUT_MS = 10_000;
let sink: PostEvent | undefined;

const posters: Readonly<Record<PostingClient, Post>> = {
  bare: postBare,
  source(url, { headers, body }) {
    sink ??= createSinkClient({ url, caCerts: undefined, tokenFile: undefined, timeoutMs: TIMEOUT_MS });
    return sink({ headers: Object.entries(headers).flat(), body }, never);
  },
  'http-client': (url, { headers, body }) =>
    sendHttp({ url, headers, body, timeoutMs: TIMEOUT_MS, maxBytes: 0 }),
};

/** Keeps `command.parallel` posts in progress until another command arrives. */
async function closedLoop(command: BaselineCommand): Promise<void> {
  const post = posters[command.poster];
  let next = 0;
  const postEvents = async (): Promise<void> => {
    while (currentCommand === command) {
      const event = command.events[next++ % command.events.length];
      if (event !== undefined) await post(command.url, event);
    }
  };
  await Promise.all(Array.from({ length: command.parallel }, postEvents));
  process.send?.({ done: true });
}

/** Starts posts at a constant rate, without waiting for earlier posts. Reports the duration of each post. */
async function openLoop(command: BaselineCommand, perSecond: number, seconds: number): Promise<void> {
  const began = performance.now();
  const took: Promise<number>[] = [];
  for (let index = 0; index < perSecond * seconds; index++) {
    const pause = began + (index * 1_000) / perSecond - performance.now();
    if (pause > 0) await wait(pause);
    const event = command.events[index % command.events.length];
    const at = performance.now();
    if (event !== undefined) took.push(postBare(command.url, event).then(() => performance.now() - at));
  }
  process.send?.({ took: await Promise.all(took) });
}

process.on('message', (next: BaselineCommand | null) => {
  currentCommand = next ?? undefined;
  if (next === null) return;
  void (next.rate === undefined ? closedLoop(next) : openLoop(next, next.rate.perSecond, next.rate.seconds));
});
process.on('disconnect', () => process.exit(0));
