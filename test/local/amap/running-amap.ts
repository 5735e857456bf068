import { serveAmap } from '../../../local/amap/server.ts';
import { createLog } from '../../../runtime/log.ts';

export type RunningAmap = Awaited<ReturnType<typeof startAmap>>;

/** A stand-in of AMap in this process, on a free port, with the key `local`. */
export async function startAmap(
  options: { readonly clock?: () => number; readonly signSecret?: string } = {},
) {
  const server = await serveAmap({ port: 0, log: createLog('amap', 'silent'), ...options });
  const endpoint = `http://127.0.0.1:${server.port}`;
  /** Asks the controls, or anything else, in JSON; a text is sent as it is. */
  const ask = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await fetch(endpoint + path, {
      ...{ method, headers, signal: AbortSignal.timeout(10_000), redirect: 'manual' },
      ...(text === undefined ? {} : { body: text }),
    });
    return { status: answer.status, body: Object(JSON.parse((await answer.text()) || '{}')) };
  };
  return {
    endpoint,
    ask,
    /** Asks for the weather with the key, unless parameters say otherwise. */
    weather: async (parameters: Record<string, string>) => {
      const query = new URLSearchParams({ key: 'local', extensions: 'all', ...parameters });
      const { status, body } = await ask('GET', `/v3/weather/weatherInfo?${query}`);
      if (status !== 200) throw new Error(`HTTP ${status}`);
      return body;
    },
    stop: () => server.close(0),
  };
}
