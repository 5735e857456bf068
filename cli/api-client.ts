import { randomUUID } from 'node:crypto';
import { messageOf } from '../domain/errors.ts';
import { trimEndOf } from '../domain/trim-characters.ts';
import { type HttpAnswer, sendHttp } from '../runtime/http-client.ts';
import { localPorts } from '../runtime/local-ports.ts';
import { CommandError, UsageError } from './command.ts';
import type { CliConfig } from './config.ts';
import { liveEndpoints } from './endpoints-file.ts';
import { oneLine } from './terminal-text.ts';

/** The timeout of a request. The test of a channel takes long, because the api waits for the channel's receiver. */
const ANSWER_MS = 15_000;
const ANSWER_BYTES = 4 * 1_048_576;

export const apiOption = { api: { type: 'string' } } as const;

/** The options of the commands that read or change what belongs to people. */
export const apiOptions = {
  ...apiOption,
  token: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

/** The part of `--help` about the api's address. */
export const apiHelp = `
--api <url>    the api's address; default: SLUICE_API, a running \`sluice start\`, http://127.0.0.1:8081`;

/** The part of `--help` about the api's address and token. */
export const apiAccessHelp = `
--json           prints the api's answer
--api <url>      the api's address; default: SLUICE_API, a running \`sluice start\`, http://127.0.0.1:8081
--token <token>  a token of the api. SLUICE_API_TOKEN is safer, because other users can see a command's options. Not needed
                 for a running \`sluice start\``;

interface ApiFlags {
  readonly api?: string | undefined;
  readonly token?: string | undefined;
}

/** Sends requests to the api with the user's token. Each call throws CommandError unless the api answers with a 2xx status. */
export interface ApiClient {
  /** The address, and where it comes from, for people. */
  readonly target: string;
  get<T>(path: string): Promise<T>;
  /** A POST has an `Idempotency-Key`. So a request can be repeated if its answer is lost. */
  send<T>(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<T>;
}

/** Creates a client for the api that options and settings select. No message contains the token. */
export function apiClient(flags: ApiFlags, config: CliConfig): ApiClient {
  const { url, from, token: foundToken } = resolveApi(flags, config);
  const token = flags.token ?? (config.apiToken || foundToken);
  if (!/^[\x21-\x7e]*$/.test(token))
    throw new UsageError('the token of the api (not shown) has characters that are not allowed in a header');
  const credentials = token === '' ? {} : { authorization: `Bearer ${token}` };

  const request = async (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown) => {
    const sent = {
      ...{ url: `${url}${path}`, method, timeoutMs: ANSWER_MS, maxBytes: ANSWER_BYTES },
      headers: {
        ...credentials,
        ...(method === 'POST' ? { 'idempotency-key': randomUUID() } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    };
    try {
      const answer = sendHttp(sent);
      // The answer of a change may be lost after the api has made the change. So the change is sent once more.
      return parse(await (method === 'GET' ? answer : answer.catch(() => sendHttp(sent))));
    } catch (error) {
      throw new CommandError(
        `the api at ${url} (from ${from}) does not answer: ${messageOf(error, 200)}; start it with \`npm start\`, or set --api`,
      );
    }
  };
  const ok = async <T>(...given: Parameters<typeof request>): Promise<T> => {
    const { status, body } = await request(...given);
    if (status >= 200 && status < 300) return body as T;
    throw new CommandError(
      `${problemText(status, body)}${status === 401 ? '; set --token or SLUICE_API_TOKEN' : ''}`,
    );
  };
  return {
    target: `the api at ${url} (from ${from})`,
    get: (path) => ok('GET', path),
    send: (method, path, body) => ok(method, path, body),
  };
}

function parse({ status, body, whole }: HttpAnswer): { readonly status: number; readonly body: unknown } {
  if (!whole) throw new Error(`its answer is over ${ANSWER_BYTES} bytes`);
  return { status, body: body.length === 0 ? {} : JSON.parse(body.toString()) };
}

/** What the api says about a request that it refused. */
function problemText(status: number, body: unknown): string {
  const {
    detail,
    title,
    errors = [],
  } = body as {
    readonly detail?: string;
    readonly title?: string;
    readonly errors?: readonly { readonly detail: string }[];
  };
  // Each detail is a sentence that names its field. If there are several errors, the problem's own detail has only the
  // first.
  const sentences = errors.length > 0 ? errors.map((error) => error.detail) : [detail ?? title];
  return oneLine(sentences.join('; ') || `the api answered ${status}`, 1_000);
}

/** Only the api of a running `sluice start` gets the token of `sluice start`. */
function resolveApi({ api }: ApiFlags, config: CliConfig) {
  if (api !== undefined) {
    if (!/^https?:\/\/./.test(api) || !URL.canParse(api))
      throw new UsageError(`--api is ${JSON.stringify(api)}; allowed: an http:// or https:// address`);
    return { url: trimEndOf(api, '/'), from: '--api', token: '' };
  }
  if (config.api !== undefined) return { url: config.api, from: 'SLUICE_API', token: '' };
  const live = liveEndpoints(config.home);
  if (live?.api !== undefined)
    return { url: live.api, from: `${config.home}/endpoints.json`, token: live.apiToken };
  return { url: `http://127.0.0.1:${localPorts(config.portOffset).api}`, from: 'the default', token: '' };
}
