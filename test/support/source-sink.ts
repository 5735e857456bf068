import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('./source-sink-program.js', import.meta.url));

/** How a sink answers: 202; a status, without taking anything; 202 after a while; never. */
export type SinkMode =
  | { readonly kind: 'accept' | 'silent' }
  | { readonly kind: 'refuse'; readonly status: number }
  | { readonly kind: 'slow'; readonly ms: number };

/** An event that a sink took: its `ce-` headers and content type, and the body in base64. */
export interface SinkEvent {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const PIECE = 1024 * 1024;

/** A sink as a process of its own, on a fixed port, that can be killed: what it took is in a file by then. */
export class SourceSink {
  readonly url: string;
  readonly #port: number;
  readonly #file: string;
  #process: ChildProcess | undefined;
  #offset = 0;
  #rest = Buffer.alloc(0);

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

  /** A sink that is started again accepts. */
  mode(mode: SinkMode): void {
    if (this.#process?.connected) this.#process.send(mode);
  }

  async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  /** What was taken since this was asked last, in the order in which it was. */
  taken(): SinkEvent[] {
    const file = openSync(this.#file, 'r');
    try {
      const events: SinkEvent[] = [];
      const piece = Buffer.alloc(PIECE);
      for (;;) {
        const length = readSync(file, piece, 0, PIECE, this.#offset);
        if (length === 0) return events;
        this.#offset += length;
        const text = Buffer.concat([this.#rest, piece.subarray(0, length)]);
        const end = text.lastIndexOf('\n') + 1;
        this.#rest = text.subarray(end);
        for (const line of text.toString('utf8', 0, end).split('\n'))
          if (line !== '') events.push(JSON.parse(line) as SinkEvent);
      }
    } finally {
      closeSync(file);
    }
  }
}
