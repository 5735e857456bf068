import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { foreignPageProblem } from '../../domain/web-page.ts';
import { type Listener, listen } from '../../runtime/listen.ts';
import type { Log } from '../../runtime/log.ts';
import { foreignHostProblem } from '../../runtime/loopback-host.ts';
import { controlEndpoint, faultControls } from '../faults/control-endpoint.ts';
import { FaultInjector } from '../faults/fault-injector.ts';
import { DingTalkRobots } from './dingtalk-robots.ts';
import { type ChannelSettings, channelSettings } from './faults.ts';
import { type ReceivedMessage, ReceivedMessages } from './received-messages.ts';
import { receivedPage } from './received-page.ts';
import { Webhooks } from './webhooks.ts';

const MAX_BODY_BYTES = 256 * 1024;
const ROBOT_PATH = '/robot/send';
const WEBHOOK_PATH = /^\/webhook\/([\w-]{1,64})$/;

export interface ChannelsServerOptions {
  /** 0 selects a free port. */
  readonly port: number;
  readonly log: Log;
}

/**
 * Serves the stand-ins of channels on 127.0.0.1 and ::1: DingTalk's robots at `/robot/send`, webhooks at `/webhook/<name>`,
 * the received messages at `/` and `/received`, and the controls under `/-/`. Nothing is stored on disk.
 */
export async function serveChannels({ port, log }: ChannelsServerOptions): Promise<Listener> {
  const standIn = new ChannelsStandIn();
  const control = controlEndpoint({
    ...faultControls(channelSettings, {
      show: () => standIn.faults.show(),
      set: (settings) => standIn.set(settings),
    }),
    'GET /-/received': () => standIn.received.list(),
    'DELETE /-/received': () => {
      standIn.received.clear();
      return [];
    },
  });
  const open = new Set<ServerResponse>();
  const listener: RequestListener = (message, response) => {
    response.on('error', () => response.destroy());
    if (message.url?.startsWith('/-/')) return control(message, response);
    open.add(response);
    response.on('close', () => open.delete(response));
    standIn.answer(message, response).catch((error: unknown) => {
      response.destroy();
      log.error({ err: error }, 'the answer ended early');
    });
  };
  // Faults can delay an answer for any time.
  const listening = await listen(listener, { host: 'loopback', port, stalledMs: 0 });
  return {
    port: listening.port,
    close: (graceMs) => {
      for (const response of open) response.destroy();
      return listening.close(graceMs);
    },
  };
}

class ChannelsStandIn {
  readonly faults = new FaultInjector<ChannelSettings>({ rules: [], seed: 1 });
  readonly received = new ReceivedMessages();
  #clockOffset = 0;
  readonly #clock = (): number => Date.now() + this.#clockOffset;
  readonly #robots = new DingTalkRobots(this.#clock);
  readonly #webhooks = new Webhooks(this.#clock);

  set(settings: ChannelSettings): void {
    this.faults.set(settings);
    this.#clockOffset = settings.now === undefined ? 0 : Date.parse(settings.now) - Date.now();
    this.#robots.setRobots(settings.robots);
    this.#webhooks.setSecrets(settings.webhooks);
  }

  async answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams: query } = new URL(message.url ?? '/', 'http://channels');
    const { method = '', headers } = message;
    const problem = foreignHostProblem(headers) ?? foreignPageProblem(method, headers, 'the local channels');
    if (problem !== undefined) return send(response, 403, JSON.stringify({ error: problem }));
    const webhook = WEBHOOK_PATH.exec(pathname)?.[1];
    if (pathname !== ROBOT_PATH && webhook === undefined) return this.#answerReader(pathname, response);
    const body = await readBody(message);
    if (body === undefined) return send(response, 413, '');
    const to = webhook ?? query.get('access_token') ?? '';
    for (const rule of this.faults.takeMatching((each) => each.to === undefined || each.to === to)) {
      if (rule.do === 'delay') await delay(rule.ms);
      else if (rule.do === 'answer') return send(response, rule.status, rule.body);
      else {
        if (rule.do.startsWith('accept')) this.#accept({ webhook, method, query, headers, body });
        // Without a reset, the sender waits until its own timeout.
        if (rule.do.endsWith('reset')) message.socket.resetAndDestroy();
        return;
      }
    }
    const { status, text } = this.#accept({ webhook, method, query, headers, body });
    send(response, status, text);
  }

  #accept({
    webhook,
    method,
    query,
    headers,
    body,
  }: {
    readonly webhook: string | undefined;
    readonly method: string;
    readonly query: URLSearchParams;
    readonly headers: IncomingMessage['headers'];
    readonly body: Buffer;
  }): { status: number; text: string } {
    const keep = (message: ReceivedMessage): void => this.received.add(message);
    if (webhook !== undefined)
      return { status: this.#webhooks.receive(webhook, headers, body.toString('utf8'), keep), text: '' };
    const contentType = headers['content-type'] ?? '';
    const answer = this.#robots.answer({ method, query, contentType, body }, keep);
    return { status: 200, text: JSON.stringify(answer) };
  }

  #answerReader(pathname: string, response: ServerResponse): void {
    if (pathname === '/received') send(response, 200, JSON.stringify(this.received.list()));
    else if (pathname !== '/') send(response, 404, '');
    else sendPage(response, receivedPage(this.received.list()));
  }
}

function sendPage(response: ServerResponse, html: string): void {
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    'x-content-type-options': 'nosniff',
  });
  response.end(html);
}

async function readBody(message: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function send(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(text);
}
