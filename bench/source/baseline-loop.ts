import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { TunnelRecord } from '../../ots/tunnel/tunnel-record.ts';
import { toBinaryEvent } from '../../runtime/binary-event.ts';
import { changeEvent } from '../../source/change-event.ts';
import { forecastOf, keyOf } from './rows.ts';

/** An event in the form for `node:http`. */
interface BaselineEvent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The posting client: Node's own, the source's, or `runtime/http-client.ts`. */
export type PostingClient = 'bare' | 'source' | 'http-client';

/** A command for the loop: keep `parallel` posts in progress until stopped, or post at a rate. */
export interface BaselineCommand {
  readonly url: string;
  readonly poster: PostingClient;
  readonly parallel: number;
  readonly events: readonly BaselineEvent[];
  readonly rate?: { readonly perSecond: number; readonly seconds: number };
}

const SAMPLES = 1_000;

/** The same events as the source creates for the rows of this benchmark. */
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
    return { headers: headersOf(headers), body };
  });

function headersOf(flat: readonly string[]): Record<string, string> {
  const named: Record<string, string> = {};
  for (let index = 0; index + 1 < flat.length; index += 2) named[flat[index] ?? ''] = flat[index + 1] ?? '';
  return named;
}

/** Starts the loop as its own process. */
export async function startBaselineLoop(url: string) {
  const child = fork(fileURLToPath(new URL('./bare-program.js', import.meta.url)));
  await once(child, 'spawn');
  const command: BaselineCommand = { url, poster: 'bare', parallel: 1, events: events() };
  return {
    /** Posts as fast as possible for this time. */
    async postFor(ms: number, parallel: number, poster: PostingClient = 'bare'): Promise<void> {
      child.send({ ...command, parallel, poster });
      await new Promise((resolve) => setTimeout(resolve, ms));
      const done = once(child, 'message');
      child.send(null as unknown as object);
      await done;
    },
    /** Posts at a rate, and returns the duration of each post, in ms. */
    async postAtRate(perSecond: number, seconds: number): Promise<number[]> {
      child.send({ ...command, rate: { perSecond, seconds } });
      const [{ took }] = (await once(child, 'message')) as [{ took: number[] }];
      return took;
    },
    async stop(): Promise<void> {
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}
