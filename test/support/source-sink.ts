import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('./source-sink-program.js', import.meta.url));

/**
 * How a sink answers. `accept`: 202. `refuse`: the status, and the event is not stored. `slow`: 202 after `ms`.
 * `silent`: never.
 */
export type SinkMode =
  | { readonly kind: 'accept' | 'silent' }
  | { readonly kind: 'refuse'; readonly status: number }
  | { readonly kind: 'slow'; readonly ms: number };

/** An event that a sink stored: its `ce-` headers, its content type, and its body in base64. */
export interface SinkEvent {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The time between storing the event and answering. */
  readonly answerDelayMs: number;
}

const CHUNK_BYTES = 1024 * 1024;

/** A sink as a child process on a fixed port. It can be killed, because it stores each event in a file before it answers. */
export class SourceSink {
  readonly url: string;
  readonly #port: number;
  readonly #file: string;
  #process: ChildProcess | undefined;
  #offset = 0;
  #incompleteLine = Buffer.alloc(0);

  constructor(port: number, file: string) {
    this.url = `http://127.0.0.1:${port}`;
    this.#port = port;
    this.#file = file;
  }

  async start(): Promise<void> {
    const child = fork(program, [String(this.#port), this.#file]);
    this.#process = child;
    await once(child, 'message');
  }

  /** Sets how the sink answers. After a restart, the sink accepts events again. */
  setMode(mode: SinkMode): void {
    if (this.#process?.connected) this.#process.send(mode);
  }

  async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  /** Returns the events stored since the last call, in order. */
  newEvents(): SinkEvent[] {
    const file = openSync(this.#file, 'r');
    try {
      const events: SinkEvent[] = [];
      const chunk = Buffer.alloc(CHUNK_BYTES);
      for (;;) {
        const length = readSync(file, chunk, 0, CHUNK_BYTES, this.#offset);
        if (length === 0) return events;
        this.#offset += length;
        const text = Buffer.concat([this.#incompleteLine, chunk.subarray(0, length)]);
        const end = text.lastIndexOf('\n') + 1;
        this.#incompleteLine = text.subarray(end);
        for (const line of text.toString('utf8', 0, end).split('\n'))
          if (line !== '') events.push(JSON.parse(line) as SinkEvent);
      }
    } finally {
      closeSync(file);
    }
  }
}
