import { type Listener, listen } from '../../runtime/listen.ts';
import type { Log } from '../../runtime/log.ts';
import { answerRequests } from './answer-requests.ts';
import type { Credentials } from './authenticate.ts';
import type { Store } from './storage/store.ts';

const SECOND_MS = 1_000;

/** Longer than any client keeps an idle connection, so that the client closes it first. */
const KEEP_ALIVE_MS = 65 * SECOND_MS;
const HEADERS_MS = 30 * SECOND_MS;
/** Enough for the largest body at 1.5 MB/s. */
const REQUEST_MS = 3_600 * SECOND_MS;

export interface OssServerOptions {
  readonly store: Store;
  readonly credentials: Credentials;
  readonly port: number;
  readonly log: Log;
}

/** Serves the OSS API on 127.0.0.1 and ::1. */
export function serveOss({ store, credentials, port, log }: OssServerOptions): Promise<Listener> {
  return listen(answerRequests(store, credentials, log), {
    host: 'loopback',
    port,
    options: { keepAliveTimeout: KEEP_ALIVE_MS, headersTimeout: HEADERS_MS, requestTimeout: REQUEST_MS },
    // A client can be frozen in the middle of a large answer.
    stalledMs: 0,
  });
}
