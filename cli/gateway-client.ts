import type { IncomingHttpHeaders } from 'node:http';
import { messageOf } from '../domain/errors.ts';
import { sendHttp } from '../runtime/http-client.ts';
import { type GatewayTarget, gatewayOption, resolveGateway } from './addresses.ts';
import { CommandError, UsageError } from './command.ts';
import type { CliConfig } from './config.ts';
import { oneLine } from './terminal-text.ts';

/** The options that select the gateway and its token. */
export const gatewayOptions = { ...gatewayOption, token: { type: 'string' } } as const;

/** The part of `--help` about the gateway's options. */
export const gatewayHelp = `
--gateway <url>          the gateway's address
--token <token>          one of the gateway's SLUICE_API_TOKENS. Not needed on loopback. SLUICE_API_TOKEN is safer, because
                         other users can see a command's options`;

const ANSWER_MS = 15_000;

/** The largest answer is the explanation of a whole batch. */
const ANSWER_BYTES = 64 * 1024 ** 2;

export interface GatewayRequest {
  readonly method?: 'GET' | 'POST';
  /** Path from the gateway's root. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Buffer;
}

export interface GatewayAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Sends requests to a gateway with the user's token. */
export interface GatewayClient {
  readonly target: GatewayTarget;
  /** Returns the answer, whatever its status. Throws `GatewayUnreachable` if there is none within 15 s. */
  send(request: GatewayRequest): Promise<GatewayAnswer>;
}

/** The gateway did not answer, or its answer allows a retry (429, 5xx). */
export class GatewayUnreachable extends CommandError {}

/**
 * Creates a client for the gateway that options and settings select. The client sends the token, if there is one.
 * Messages never contain the token.
 */
export function gatewayClient(
  flags: { readonly gateway?: string | undefined; readonly token?: string | undefined },
  config: CliConfig,
): GatewayClient {
  const target = resolveGateway(flags, config);
  const token = flags.token ?? config.apiToken;
  if (!/^[\x21-\x7e]*$/.test(token)) {
    const option = flags.token === undefined ? 'SLUICE_API_TOKEN' : '--token';
    throw new UsageError(`${option} (not shown) has characters that are not allowed in a header`);
  }
  const credentials = token === '' ? {} : { authorization: `Bearer ${token}` };
  return {
    target,
    async send({ method = 'POST', path, headers = {}, body }) {
      try {
        const answer = await sendHttp({
          url: `${target.url}${path}`,
          method,
          headers: { ...headers, ...credentials },
          ...(body === undefined ? {} : { body }),
          timeoutMs: ANSWER_MS,
          maxBytes: ANSWER_BYTES,
        });
        const { status, statusText, whole } = answer;
        if (!whole) throw new Error(`its answer is over ${ANSWER_BYTES} bytes`);
        return { status, statusText, headers: answer.headers, body: answer.body.toString().trim() };
      } catch (error) {
        const [withoutQuery = ''] = path.split('?');
        const sentence = `the gateway at ${target.url}${withoutQuery} does not answer: ${messageOf(error, 200)}`;
        throw new GatewayUnreachable(sentence, { cause: error });
      }
    },
  };
}

/** The error text of an answer: its `error`, or its body, or its status. */
export function errorTextOf({
  status,
  statusText,
  body,
}: Pick<GatewayAnswer, 'status' | 'statusText' | 'body'>): string {
  try {
    const { error } = JSON.parse(body) as { error?: unknown };
    if (typeof error === 'string') return oneLine(error, 1_000);
  } catch {
    // A proxy may have answered instead of the gateway.
  }
  return oneLine(body, 200) || `${status} ${statusText}`.trim();
}

/**
 * Throws `GatewayUnreachable` if the answer allows a retry (429, 5xx), and `CommandError` for every other answer
 * except 200.
 */
export function assertOk(answer: GatewayAnswer, { target }: GatewayClient): void {
  if (answer.status === 200) return;
  const sentence = `the gateway at ${target.url} answered ${answer.status}: ${errorTextOf(answer)}`;
  const hint = answer.status === 401 ? '; set --token or SLUICE_API_TOKEN' : '';
  const ErrorClass = answer.status === 429 || answer.status >= 500 ? GatewayUnreachable : CommandError;
  throw new ErrorClass(`${sentence}${hint}`);
}
