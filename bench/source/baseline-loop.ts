import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { TunnelRecord } from '../../ots/tunnel/tunnel-record.ts';
import { toBinaryEvent } from '../../runtime/binary-event.ts';
import { changeEvent } from '../../source/change-event.ts';
import { forecastOf, keyOf } from './rows.ts';

/** An event as `node:http` takes it. */
interface BaselineEvent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Who posts: Node's own client, the source's, or the one of everything else (`runtime/http-client.ts`). */
export type PostingClient = 'bare' | 'source' | 'http-client';

/** What the loop is to do: keep `parallel` posts under way until it is stopped, or make so many a second. */
export interface BaselineCommand {
  readonly url: string;
  readonly poster: PostingClient;
  readonly parallel: number;
  readonly events: readonly BaselineEvent[];
  readonly rate?: { readonly perSecond: number; readonly seconds: number };
}

const SAMPLES = 1_000;

/** Events like those that the source makes of the rows written here. */
const events = (): BaselineEvent[] =>
  Array.from({ length: SAMPLES }, (_, index) => {
    const timestamp = BigInt(Date.now()) * 1_000n + BigInt(index);
    const record: TunnelRecord = {
      ...{ action: 'PUT_ROW', primaryKey: keyOf(index), cells: forecastOf(index) },
      sequence: { epoch: 0, timestamp, rowIndex: 0 },
    };
    const extensions = new Map(['adcode', 'date'].map((name) => [name, name]));
    const origin = { instance: 'sluice-local', table: 'weather', extensions, overrides: {} };
    const { attributes, body } = changeEvent(record, origin);
    const { headers } = toBinaryEvent(attributes, body);
    return { headers: pairs(headers), body };
  });

function pairs(flat: readonly string[]): Record<string, string> {
  const named: Record<string, string> = {};
  for (let index = 0; index + 1 < flat.length; index += 2) named[flat[index] ?? ''] = flat[index + 1] ?? '';
  return named;
}

/** The bare loop as a process of its own. */
export async function startBaselineLoop(url: string) {
  const child = fork(fileURLToPath(new URL('./bare-program.js', import.meta.url)));
  await once(child, 'spawn');
  const order: BaselineCommand = { url, poster: 'bare', parallel: 1, events: events() };
  return {
    /** Posts as fast as it can for so long. */
    async for(ms: number, parallel: number, poster: PostingClient = 'bare'): Promise<void> {
      child.send({ ...order, parallel, poster });
      await new Promise((resolve) => setTimeout(resolve, ms));
      const done = once(child, 'message');
      child.send(null as unknown as object);
      await done;
    },
    /** Posts at a rate; answers what each post took, in ms. */
    async at(perSecond: number, seconds: number): Promise<number[]> {
      child.send({ ...order, rate: { perSecond, seconds } });
      const [{ took }] = (await once(child, 'message')) as [{ took: number[] }];
      return took;
    },
    async stop(): Promise<void> {
      const gone = once(child, 'exit');
      child.disconnect();
      await gone;
    },
  };
}
