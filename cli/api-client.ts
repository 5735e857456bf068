import { messageOf } from '../domain/errors.ts';
import { trimEndOf } from '../domain/trim-characters.ts';
import { sendHttp } from '../runtime/http-client.ts';
import { localPorts } from '../runtime/local-ports.ts';
import { CommandError, UsageError } from './command.ts';
import type { CliConfig } from './config.ts';
import { liveEndpoints } from './endpoints-file.ts';

const ANSWER_MS = 10_000;
const ANSWER_BYTES = 4 * 1_048_576;

export const apiOption = { api: { type: 'string' } } as const;

/** The part of `--help` about the api's address. */
export const apiHelp = `
--api <url>    the api's address; default: SLUICE_API, a running \`sluice start\`, http://127.0.0.1:8081`;

/** The api's answer to a GET. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Sends a GET to the api. Throws CommandError if there is no answer in JSON. */
export async function getFromApi(
  flags: { readonly api?: string | undefined },
  config: CliConfig,
  path: string,
): Promise<ApiAnswer> {
  const { url, from } = resolveApi(flags, config);
  try {
    const limits = { timeoutMs: ANSWER_MS, maxBytes: ANSWER_BYTES };
    const { status, body } = await sendHttp({ url: `${url}${path}`, method: 'GET', ...limits });
    return { status, body: JSON.parse(body.toString()) };
  } catch (error) {
    throw new CommandError(
      `the api at ${url} (from ${from}) does not answer: ${messageOf(error, 200)}; start it with \`npm start\`, or set --api`,
    );
  }
}

function resolveApi({ api }: { readonly api?: string | undefined }, config: CliConfig) {
  if (api !== undefined) {
    if (!/^https?:\/\/./.test(api) || !URL.canParse(api))
      throw new UsageError(`--api is ${JSON.stringify(api)}; allowed: an http:// or https:// address`);
    return { url: trimEndOf(api, '/'), from: '--api' };
  }
  if (config.api !== undefined) return { url: config.api, from: 'SLUICE_API' };
  const live = liveEndpoints(config.home)?.api;
  if (live !== undefined) return { url: live, from: `${config.home}/endpoints.json` };
  return { url: `http://127.0.0.1:${localPorts(config.portOffset).api}`, from: 'the default' };
}
