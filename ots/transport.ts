import { Agent as HttpAgent, type IncomingMessage, request as onHttp } from 'node:http';
import { Agent as HttpsAgent, request as onHttps } from 'node:https';
import { flawOf } from './answer-flaw.ts';
import { limitedSignal } from './limited-signal.ts';
import { OtsError, OtsUnreachable } from './ots-error.ts';
import { message } from './wire/message.ts';
import { type Credentials, signedHeaders } from './wire/signature.ts';

const errorMessage = message<{ code: string; message?: string }>('Error');

/** Longer answers are not taken: the service's own limit is 4 MB of rows, and some for the frame. */
const LONGEST_ANSWER = 16 * 1024 * 1024;

export interface TransportOptions {
  /** `http(s)://host[:port]`; a path is not part of it. */
  readonly endpoint: string;
  readonly instance: string;
  /** Asked for each request, so that new keys are used without a restart. */
  readonly credentials: () => Credentials;
  /** Connections kept open. */
  readonly connections?: number;
}

/** One request: its path, API version, and when it must be answered. */
export interface Call {
  readonly path: string;
  readonly version: string;
  readonly body: Buffer;
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Sends signed requests over kept connections and checks the answers. */
export interface Transport {
  /**
   * Answers the body of a 2xx.
   * @throws OtsError for what the service refused, OtsUnreachable for no answer within the deadline or a broken one,
   * the signal's reason once it is aborted
   */
  send(call: Call): Promise<Buffer>;
  close(): void;
}

export function createTransport({
  endpoint,
  instance,
  credentials,
  connections = 32,
}: TransportOptions): Transport {
  const { origin, protocol } = new URL(endpoint);
  const options = { keepAlive: true, maxSockets: connections };
  const agent = protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
  const request = protocol === 'https:' ? onHttps : onHttp;

  const exchange = (call: Call, keys: Credentials, signal: AbortSignal): Promise<Answer> => {
    const { path, version, body } = call;
    const headers = signedHeaders(path, body, { instance, version, credentials: keys, now: Date.now() });
    return new Promise((resolve, reject) => {
      const sent = request(`${origin}${path}`, {
        ...{ method: 'POST', agent, signal },
        headers: { ...headers, 'content-length': body.length },
      });
      sent.on('response', (answer) => readAnswer(answer).then(resolve, reject));
      sent.on('error', (error: NodeJS.ErrnoException) => {
        // The other side closed a kept connection just then: this says nothing about the request.
        if (sent.reusedSocket && error.code === 'ECONNRESET' && !signal.aborted)
          resolve(exchange(call, keys, signal));
        else reject(error);
      });
      sent.end(body);
    });
  };
  return {
    async send(call) {
      call.signal?.throwIfAborted();
      const keys = credentials();
      const { signal, release } = limitedSignal(call.signal, call.deadlineMs);
      let answer: Answer;
      try {
        answer = await exchange(call, keys, signal);
      } catch (error) {
        call.signal?.throwIfAborted();
        const why = signal.aborted ? `no answer within ${call.deadlineMs} ms` : textOf(error);
        throw new OtsUnreachable(`${call.path} at ${origin}: ${why}`, { cause: error });
      } finally {
        release();
      }
      if (answer.status < 200 || answer.status > 299) throw refusal(call.path, answer);
      const broken = flawOf(call.path, answer, keys);
      if (broken !== undefined) throw new OtsUnreachable(`${call.path} at ${origin}: ${broken}`);
      return answer.body;
    },
    close: () => agent.destroy(),
  };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

async function readAnswer(answer: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > LONGEST_ANSWER) throw new Error(`the answer is over ${LONGEST_ANSWER} bytes`);
  }
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) };
}

function refusal(path: string, { status, headers, body }: Answer): OtsError {
  const requestId = headers['x-ots-requestid'];
  const about = { status, requestId: typeof requestId === 'string' ? requestId : undefined };
  try {
    const { code, message: sentence = '' } = errorMessage.decode(body);
    return new OtsError(code, sentence.slice(0, 500), about);
  } catch {
    // A proxy in between: it has no codes.
    return new OtsError(
      `HTTP${status}`,
      `${path} was answered with ${status}, without an error of the service`,
      about,
    );
  }
}

const textOf = (error: unknown): string => {
  const first = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  return first instanceof Error ? first.message : String(first);
};
