import { type Listener, listen } from '../../runtime/listen.ts';
import type { Log } from '../../runtime/log.ts';
import { AmapStandIn } from './amap-stand-in.ts';
import { answerRequests } from './answer-requests.ts';

const SECOND_MS = 1_000;

/** Longer than any client keeps an idle connection, so that the client closes it first. */
const KEEP_ALIVE_MS = 65 * SECOND_MS;

/** The default key of the local AMap. */
export const LOCAL_AMAP_KEY = 'local';

export interface AmapServerOptions {
  /** 0 selects a free port. */
  readonly port: number;
  readonly log: Log;
  readonly key?: string;
  /** If set, a call without a correct signature gets an error. */
  readonly signSecret?: string;
  /** Returns the current time in epoch ms. The time determines the day and the report time of the forecasts. */
  readonly clock?: () => number;
}

/** Serves the AMap stand-in and its controls on 127.0.0.1 and ::1. The stand-in stores nothing on disk. */
export async function serveAmap(options: AmapServerOptions): Promise<Listener> {
  const { port, log, key = LOCAL_AMAP_KEY, signSecret, clock = Date.now } = options;
  const standIn = new AmapStandIn({ key, ...(signSecret === undefined ? {} : { signSecret }) }, clock);
  const { listener, endHangingRequests } = answerRequests(standIn, log);
  const listening = await listen(listener, {
    host: 'loopback',
    port,
    options: { keepAliveTimeout: KEEP_ALIVE_MS },
    // Faults can delay an answer for any time.
    stalledMs: 0,
  });
  return {
    port: listening.port,
    close: (graceMs) => {
      endHangingRequests();
      return listening.close(graceMs);
    },
  };
}
