import { serveAmap } from '../../../local/amap/server.ts';
import { createLog } from '../../../runtime/log.ts';

export interface RunningAmap {
  readonly endpoint: string;
  /** Asks the controls, or anything else, in JSON; a text is sent as it is. */
  readonly ask: (
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => Promise<{ status: number; body: Answer }>;
  /** Asks for the weather with the key, unless parameters say otherwise. */
  readonly weather: (parameters: Record<string, string>) => Promise<Answer>;
  readonly stop: () => Promise<void>;
}

/** Parsed JSON that tests look into. */
// biome-ignore lint/suspicious/noExplicitAny: what is in it is what is tested
export type Answer = any;

/** A stand-in of AMap in this process, on a free port, with the key `local`. */
export async function startAmap(
  options: { readonly clock?: () => number; readonly signSecret?: string } = {},
): Promise<RunningAmap> {
  const server = await serveAmap({ port: 0, log: createLog('amap', 'silent'), ...options });
  const endpoint = `http://127.0.0.1:${server.port}`;
  const ask: RunningAmap['ask'] = async (method, path, body, headers = {}) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await fetch(endpoint + path, {
      ...{ method, headers, signal: AbortSignal.timeout(10_000), redirect: 'manual' },
      ...(text === undefined ? {} : { body: text }),
    });
    const said = await answer.text();
    return { status: answer.status, body: said === '' ? undefined : JSON.parse(said) };
  };
  return {
    endpoint,
    ask,
    weather: async (parameters) => {
      const query = new URLSearchParams({ key: 'local', extensions: 'all', ...parameters });
      const { status, body } = await ask('GET', `/v3/weather/weatherInfo?${query}`);
      if (status !== 200) throw new Error(`HTTP ${status}`);
      return body;
    },
    stop: () => server.close(0),
  };
}
