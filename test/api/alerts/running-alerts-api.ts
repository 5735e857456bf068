import { pino } from 'pino';
import type { AlertSignals } from '../../../api/alerts/alert-deps.ts';
import { Unavailable } from '../../../domain/errors.ts';
import type { TableStore } from '../../../ports/table-store.ts';
import { createSealer } from '../../../runtime/sealed-text.ts';
import { startTablestore } from '../../local/tablestore/running-tablestore.ts';
import { type Answer, type Lifetime, NOON, sendRequest, startApi, storeAt } from '../running-api.ts';

export const CHANGER = 'changer-token';
export const READER = 'reader-token';
export const PRIVATE_ORIGIN = 'http://127.0.0.1:9003';

/** A key that seals, and a key that an operator has replaced. */
export const KEYS = [Buffer.alloc(32, 1).toString('base64'), Buffer.alloc(32, 2).toString('base64')];

/** A robot whose token must not be shown. */
export const ROBOT_URL = 'https://oapi.dingtalk.com/robot/send?access_token=hidden-robot-token';
export const ROBOT_SECRET = 'SEChidden-robot-secret';

export interface AlertsApi {
  readonly url: string;
  readonly store: TableStore;
  /** What was signalled: `changed 110000`, `wake <channel>`. */
  readonly signalled: string[];
  /** Everything that the api has logged. */
  readonly logged: () => string;
  /** All answers so far. */
  readonly answers: Answer[];
  /** Sets the time of the api, in epoch ms. */
  setTime(instant: number): void;
  /** While true, Temporal is not available. */
  setTemporalDown(down: boolean): void;
  /** Called instead of waking a real sender. */
  onWake(wake: (channelId: string) => Promise<void>): void;
  /** Sends a request with a token that may change. */
  send(method: string, path: string, sent?: SentRequest): Promise<Answer>;
}

export interface SentRequest {
  readonly json?: unknown;
  readonly body?: string | Buffer;
  readonly key?: string;
  /** '' sends no token. */
  readonly token?: string;
  readonly headers?: Record<string, string>;
}

/** Starts an api with tokens on a local Tablestore. */
export async function startAlertsApi(
  t: Lifetime,
  options: { readonly keys?: readonly string[] } & Partial<Parameters<typeof startApi>[1]> = {},
): Promise<AlertsApi> {
  const tablestore = await startTablestore();
  t.after(tablestore.stop);
  const store = await storeAt(t, tablestore.endpoint);
  const lines: string[] = [];
  const signalled: string[] = [];
  const answers: Answer[] = [];
  let [now, isDown] = [NOON, false];
  let wake: (channelId: string) => Promise<void> = async () => {};
  const throwIfDown = (): void => {
    if (isDown) throw new Unavailable('TemporalUnavailable', 'no connection');
  };
  const signals: AlertSignals = {
    async subscriptionChanged(adcode) {
      throwIfDown();
      signalled.push(`changed ${adcode}`);
    },
    async wakeSender(channelId) {
      throwIfDown();
      signalled.push(`wake ${channelId}`);
      await wake(channelId);
    },
  };
  const { port } = await startApi(t, {
    ...{ store, apiTokens: [CHANGER], apiReadTokens: [READER], clock: () => now },
    log: pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) }),
    alerts: {
      ...{ signals, privateOrigins: [PRIVATE_ORIGIN] },
      sealer: createSealer(options.keys ?? KEYS),
    },
    ...options,
  });
  return {
    ...{ url: `http://127.0.0.1:${port}`, store, signalled, answers },
    logged: () => lines.join(''),
    setTime: (instant) => {
      now = instant;
    },
    setTemporalDown: (down) => {
      isDown = down;
    },
    onWake: (next) => {
      wake = next;
    },
    async send(method, path, { key, token = CHANGER, headers = {}, ...sent } = {}) {
      const answer = await sendRequest(port, path, {
        ...{ method, ...sent },
        headers: {
          ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
          ...(key === undefined ? {} : { 'idempotency-key': key }),
          ...headers,
        },
      });
      answers.push(answer);
      return answer;
    },
  };
}

/** Creates a channel, and returns its id. */
export async function createChannel(api: AlertsApi, fields: object = {}): Promise<string> {
  const { status, body, text } = await api.send('POST', '/v1/channels', {
    json: { kind: 'dingtalk', url: ROBOT_URL, secret: ROBOT_SECRET, ...fields },
  });
  if (status !== 201) throw new Error(text);
  return String(body.id);
}

/** Creates a subscription, and returns its id. */
export async function createSubscription(api: AlertsApi, fields: object): Promise<string> {
  const { status, body, text } = await api.send('POST', '/v1/subscriptions', {
    json: { adcode: '110000', ...fields },
  });
  if (status !== 201) throw new Error(text);
  return String(body.id);
}
