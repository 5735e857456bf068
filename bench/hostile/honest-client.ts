import { Agent, request } from 'node:http';
import { median } from '../machine.ts';

/** What an honest client sends. */
export interface HonestRequest {
  readonly port: number;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Returns a new body for each request. */
  readonly body?: () => string;
  /** The status of a good answer. */
  readonly status: number;
}

/** The answers to one kind of client. */
export interface HonestResult {
  readonly answers: number;
  /** Requests without a good answer within 10 s. */
  readonly failures: number;
  readonly medianMs: number;
  readonly longestMs: number;
}

const TIMEOUT_MS = 10_000;

/** Each client sends one request per interval. It does not wait for the answers to earlier requests. */
const INTERVAL_MS = 100;

/**
 * Sends requests for `seconds` seconds, some on one kept connection, and as many on new connections. Returns the
 * results of both.
 */
export async function honestClients(
  honest: HonestRequest,
  seconds: number,
): Promise<{ readonly kept: HonestResult; readonly fresh: HonestResult }> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    const [kept, fresh] = await Promise.all([run(honest, seconds, agent), run(honest, seconds, false)]);
    return { kept, fresh };
  } finally {
    agent.destroy();
  }
}

async function run(honest: HonestRequest, seconds: number, agent: Agent | false): Promise<HonestResult> {
  const pending: Promise<number | undefined>[] = [];
  for (let n = 0; n < (seconds * 1_000) / INTERVAL_MS; n++) {
    pending.push(sendOne(honest, agent));
    await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
  }
  const times = await Promise.all(pending);
  const good = times.filter((ms) => ms !== undefined);
  const round = (ms: number): number => Math.round(ms * 10) / 10;
  return {
    answers: good.length,
    failures: times.length - good.length,
    // A failure counts as the longest time.
    medianMs: round(median(times.map((ms) => ms ?? TIMEOUT_MS))),
    longestMs: round(Math.max(...times.map((ms) => ms ?? TIMEOUT_MS))),
  };
}

/** Returns the time of one answer in ms; undefined if there is no good answer. */
function sendOne(honest: HonestRequest, agent: Agent | false): Promise<number | undefined> {
  const { port, method, path, headers, body, status } = honest;
  const began = performance.now();
  return new Promise((resolve) => {
    const content = body?.() ?? '';
    const length = { 'content-length': Buffer.byteLength(content) };
    const sent = request(
      { host: '127.0.0.1', port, method, path, agent, headers: { ...headers, ...length } },
      (answer) => {
        answer.resume();
        answer.on('end', () => resolve(answer.statusCode === status ? performance.now() - began : undefined));
        answer.on('close', () => resolve(undefined));
      },
    );
    sent.setTimeout(TIMEOUT_MS, () => sent.destroy());
    sent.on('error', () => resolve(undefined));
    sent.end(content);
  });
}
