import {
  Agent as HttpAgent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as onHttp,
} from 'node:http';
import { Agent as HttpsAgent, request as onHttps } from 'node:https';

/** One request; `signal` is its deadline. */
export interface Asked {
  readonly url: string | URL;
  readonly method?: 'GET' | 'POST' | 'PUT';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly signal: AbortSignal;
  /** Bytes of the answer's text that are wanted; with 0 the text is not waited for. */
  readonly textBytes: number;
}

/** What was answered, whatever the status. */
export interface Answered {
  readonly status: number;
  readonly statusText: string;
  readonly headers: IncomingHttpHeaders;
  /** UTF-8; cut at `textBytes`, and `whole` says whether it was not. */
  readonly text: string;
  readonly whole: boolean;
}

const agents = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) };

/**
 * Asks once over http or https, without following redirects; throws the signal's reason once it is aborted, and else why
 * there is no answer. Not `fetch`, which refuses ports that gateways are at (10080 and others, "bad port").
 */
export async function exchange(asked: Asked): Promise<Answered> {
  try {
    const answer = await answerTo(asked);
    const { text, whole } = await textOf(answer, asked.textBytes);
    const { statusCode = 0, statusMessage = '', headers } = answer;
    return { status: statusCode, statusText: statusMessage, headers, text, whole };
  } catch (error) {
    asked.signal.throwIfAborted();
    // What was tried for each address of a name: the first says enough, the whole has no message.
    throw error instanceof AggregateError ? (error.errors[0] ?? error) : error;
  }
}

function answerTo(asked: Asked): Promise<IncomingMessage> {
  const { url, method = 'POST', headers = {}, body, signal } = asked;
  signal.throwIfAborted();
  const target = new URL(url);
  const secure = target.protocol === 'https:';
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const sent = (secure ? onHttps : onHttp)(target, {
      ...{ method, signal, agent: secure ? agents.https : agents.http },
      headers: { ...headers, ...length },
    });
    sent.on('response', resolve);
    sent.on('error', (error: NodeJS.ErrnoException) => {
      // The other side closed a kept connection just then: this says nothing about the request, and another one will.
      if (sent.reusedSocket && error.code === 'ECONNRESET' && !signal.aborted) resolve(answerTo(asked));
      else reject(error);
    });
    sent.end(body);
  });
}

async function textOf(answer: IncomingMessage, bytes: number): Promise<{ text: string; whole: boolean }> {
  if (bytes === 0) {
    answer.on('error', () => undefined).resume();
    return { text: '', whole: false };
  }
  const chunks: Buffer[] = [];
  let got = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    got += chunk.length;
    // Leaving the loop destroys the answer.
    if (got > bytes) break;
  }
  return { text: Buffer.concat(chunks).subarray(0, bytes).toString('utf8'), whole: got <= bytes };
}
