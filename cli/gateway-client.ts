import type { IncomingHttpHeaders } from 'node:http';
import { messageOf } from '../domain/errors.ts';
import { sendHttp } from '../runtime/http-client.ts';
import { type GatewayTarget, gatewayOption, resolveGateway } from './addresses.ts';
import { CommandError, UsageError } from './command.ts';
import type { CliConfig } from './config.ts';
import { oneLine } from './terminal-text.ts';

/** The options by which a person names a gateway and shows that they may ask it. */
export const gatewayOptions = { ...gatewayOption, token: { type: 'string' } } as const;

/** What `--help` says about them. */
export const gatewayHelp = `
--gateway <url>          the gateway's address
--token <token>          one of the gateway's SLUICE_API_TOKENS, which it asks for away from loopback; better set as
                         SLUICE_API_TOKEN, since others may see a command's options`;

const ANSWER_MS = 15_000;

/** An explanation of a whole batch is the largest answer that a gateway gives. */
const ANSWER_BYTES = 64 * 1024 ** 2;

export interface GatewayRequest {
  readonly method?: 'GET' | 'POST';
  /** From the gateway's root on. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface GatewayAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A gateway, asked in the name of whoever runs the command. */
export interface GatewayClient {
  readonly target: GatewayTarget;
  /** The answer, whatever its status; throws `GatewayUnreachable` when there is none within 15 s. */
  send(request: GatewayRequest): Promise<GatewayAnswer>;
}

/** The gateway gave no answer, or none that says anything about the request. */
export class GatewayUnreachable extends CommandError {}

/** The gateway that options and settings name; every request carries the token, if there is one, and nothing shows it. */
export function gatewayClient(
  flags: { readonly gateway?: string | undefined; readonly token?: string | undefined },
  config: CliConfig,
): GatewayClient {
  const target = resolveGateway(flags, config);
  const token = flags.token ?? config.apiToken;
  if (!/^[\x21-\x7e]*$/.test(token)) {
    const option = flags.token === undefined ? 'SLUICE_API_TOKEN' : '--token';
    throw new UsageError(`${option} (not shown) has characters that no header can carry`);
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
          deadlineMs: ANSWER_MS,
          maxBytes: ANSWER_BYTES,
        });
        const { status, statusText, whole } = answer;
        if (!whole) throw new Error(`its answer is over ${ANSWER_BYTES} bytes`);
        return { status, statusText, headers: answer.headers, body: answer.body.toString().trim() };
      } catch (error) {
        const sentence = `the gateway at ${target.url}${path} does not answer: ${messageOf(error, 200)}`;
        throw new GatewayUnreachable(sentence, { cause: error });
      }
    },
  };
}

/** The sentence of an answer that is no success: its `error`, else its body, else its status. */
export function errorTextOf({ status, statusText, body }: GatewayAnswer): string {
  try {
    const { error } = JSON.parse(body) as { error?: unknown };
    if (typeof error === 'string') return oneLine(error, 1_000);
  } catch {
    // Something between us and the gateway answered.
  }
  return oneLine(body, 200) || `${status} ${statusText}`.trim();
}

/**
 * Throws what a person has to know when an operator's question was not answered with 200: `GatewayUnreachable` where
 * it may be asked again, else `CommandError`.
 */
export function assertOk(answer: GatewayAnswer, { target }: GatewayClient): void {
  if (answer.status === 200) return;
  const sentence = `the gateway at ${target.url} answered ${answer.status}: ${errorTextOf(answer)}`;
  const hint = answer.status === 401 ? '; give one with --token or SLUICE_API_TOKEN' : '';
  const Kind = answer.status === 429 || answer.status >= 500 ? GatewayUnreachable : CommandError;
  throw new Kind(`${sentence}${hint}`);
}
