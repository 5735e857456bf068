import { type Listener, listen } from '../../runtime/listen.ts';
import type { Log } from '../../runtime/log.ts';
import { AmapStandIn } from './amap-stand-in.ts';
import { answerRequests } from './answer-requests.ts';

const SECOND_MS = 1_000;

/** Longer than any client keeps an idle connection, so that it is never the server that closes a used one. */
const KEEP_ALIVE_MS = 65 * SECOND_MS;

/** The key that the local cloud's AMap takes, unless it is said otherwise. */
export const LOCAL_AMAP_KEY = 'local';

export interface AmapServerOptions {
  /** 0 for any that is free. */
  readonly port: number;
  readonly log: Log;
  readonly key?: string;
  /** Where it is there, a call without a right signature is refused. */
  readonly signSecret?: string;
  /** Now, in epoch ms: for what day it is, and which forecasts were issued. */
  readonly clock?: () => number;
}

/** Serves a stand-in of AMap's weather on 127.0.0.1 and ::1, and its faults and calls beside it. It keeps no state. */
export async function serveAmap(options: AmapServerOptions): Promise<Listener> {
  const { port, log, key = LOCAL_AMAP_KEY, signSecret, clock = Date.now } = options;
  const standIn = new AmapStandIn({ key, ...(signSecret === undefined ? {} : { signSecret }) }, clock);
  const { listener, releaseHeld } = answerRequests(standIn, log);
  const listening = await listen(listener, {
    host: 'loopback',
    port,
    options: { keepAliveTimeout: KEEP_ALIVE_MS },
  });
  return {
    port: listening.port,
    close: (graceMs) => {
      releaseHeld();
      return listening.close(graceMs);
    },
  };
}
