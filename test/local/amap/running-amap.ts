import { serveAmap } from '../../../local/amap/server.ts';
import { createLog } from '../../../runtime/log.ts';

export type RunningAmap = Awaited<ReturnType<typeof startAmap>>;

/** Starts the AMap stand-in in this process, on a free port, with the key `local`. */
export async function startAmap(
  options: { readonly clock?: () => number; readonly signSecret?: string } = {},
) {
  const server = await serveAmap({ port: 0, log: createLog('amap', 'silent'), ...options });
  const endpoint = `http://127.0.0.1:${server.port}`;
  /** Sends a request. `body` is sent as JSON, a string unchanged. The answer must be JSON or empty. */
  const send = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await fetch(endpoint + path, {
      ...{ method, headers, signal: AbortSignal.timeout(10_000), redirect: 'manual' },
      ...(text === undefined ? {} : { body: text }),
    });
    return { status: answer.status, body: Object(JSON.parse((await answer.text()) || '{}')) };
  };
  return {
    endpoint,
    send,
    /** Requests the weather. The key is included unless a parameter overrides it. */
    weather: async (parameters: Record<string, string>) => {
      const query = new URLSearchParams({ key: 'local', extensions: 'all', ...parameters });
      const { status, body } = await send('GET', `/v3/weather/weatherInfo?${query}`);
      if (status !== 200) throw new Error(`HTTP ${status}`);
      return body;
    },
    stop: () => server.close(0),
  };
}
