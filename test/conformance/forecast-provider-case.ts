import { createAmapProvider } from '../../adapters/forecast/amap/amap-provider.ts';
import { createOpenMeteoProvider } from '../../adapters/forecast/open-meteo/open-meteo-provider.ts';
import type { ProviderWithConnections } from '../../adapters/forecast/provider-http.ts';
import { serveAmap } from '../../local/amap/server.ts';
import type { ProviderPlace } from '../../ports/forecast-provider.ts';
import { createLog } from '../../runtime/log.ts';
import { startOpenMeteo } from '../support/open-meteo-server.ts';

/** A fault that the servers of both providers can inject. */
export type CommonFault = { readonly do: string; readonly status?: number; readonly retryAfter?: string };

/** A provider with a server of its kind. */
export interface ProviderFixture {
  readonly provider: ProviderWithConnections;
  /** Returns a provider for the same server with another timeout. */
  readonly withTimeout: (timeoutMs: number) => ProviderWithConnections;
  /** Texts that must not be in any error. */
  readonly secrets: readonly string[];
  readonly fault: (fault: CommonFault | undefined) => Promise<void>;
  /** Returns the number of calls that the server received. */
  readonly calls: () => Promise<number>;
  readonly stop: () => Promise<void>;
}

export interface ProviderCase {
  readonly name: string;
  /** The places of one call: at most as many as the provider accepts. */
  readonly places: readonly ProviderPlace[];
  readonly start: (clock?: () => number) => Promise<ProviderFixture>;
}

const PLACES: readonly ProviderPlace[] = [
  { adcode: '110000', name: '北京市', latitude: 39.9, longitude: 116.41 },
  { adcode: '330100', name: '杭州市', latitude: 30.29, longitude: 120.15 },
  { adcode: '650100', name: '乌鲁木齐市', latitude: 43.79, longitude: 87.62 },
  { adcode: '460100', name: '海口市', latitude: 20.03, longitude: 110.33 },
  { adcode: '230100', name: '哈尔滨市', latitude: 45.76, longitude: 126.64 },
];

const KEY = '0123456789abcdef-the-key';
const SIGN_SECRET = 'fedcba9876543210-the-secret';

const amap: ProviderCase = {
  name: 'AMap',
  places: PLACES.slice(0, 1),
  start: async (clock = Date.now) => {
    const log = createLog('amap', 'silent');
    const server = await serveAmap({ port: 0, log, key: KEY, signSecret: SIGN_SECRET, clock });
    const endpoint = `http://127.0.0.1:${server.port}`;
    const opened: ProviderWithConnections[] = [];
    const open = (timeoutMs?: number) => {
      const timeout = timeoutMs === undefined ? {} : { timeoutMs };
      const options = { id: 'stand-in', key: KEY, signSecret: SIGN_SECRET, endpoint, clock } as const;
      const provider = createAmapProvider({ ...options, ...timeout });
      opened.push(provider);
      return provider;
    };
    return {
      provider: open(),
      withTimeout: open,
      secrets: [KEY, SIGN_SECRET, 'sig='],
      fault: async (fault) => {
        const rules = fault === undefined ? [] : [fault];
        const body = JSON.stringify({ rules });
        const answer = await fetch(`${endpoint}/-/faults`, { method: 'POST', body });
        if (!answer.ok) throw new Error(await answer.text());
      },
      calls: async () => Object(await (await fetch(`${endpoint}/-/calls`)).json()).total,
      stop: async () => {
        await Promise.all(opened.map((provider) => provider.close()));
        await server.close(0);
      },
    };
  },
};

const openMeteo: ProviderCase = {
  name: 'Open-Meteo',
  places: PLACES,
  start: async (clock = Date.now) => {
    const server = await startOpenMeteo({ clock, apiKey: KEY });
    const { endpoint } = server;
    const opened: ProviderWithConnections[] = [];
    const open = (timeoutMs?: number) => {
      const timeout = timeoutMs === undefined ? {} : { timeoutMs };
      const provider = createOpenMeteoProvider({ endpoint, apiKey: KEY, clock, ...timeout });
      opened.push(provider);
      return provider;
    };
    return {
      provider: open(),
      withTimeout: open,
      secrets: [KEY, 'apikey='],
      fault: async (fault) => {
        if (fault === undefined) server.fault = undefined;
        else if (fault.do === 'http') {
          const retry = fault.retryAfter === undefined ? {} : { 'retry-after': fault.retryAfter };
          const headers = { ...retry, location: '/v1/forecast' };
          server.fault = { do: 'http', status: fault.status ?? 500, headers };
        } else if (fault.do === 'wrong adcode')
          server.fault = {
            do: 'change',
            // Each place gets the forecast of the next place.
            change: ([first, ...others]) => [...others, first],
          };
        else server.fault = { do: fault.do as 'hang' };
      },
      calls: async () => server.calls.length,
      stop: async () => {
        await Promise.all(opened.map((provider) => provider.close()));
        await server.stop();
      },
    };
  },
};

/** The adapters of the forecast provider port, each with its server. */
export const PROVIDER_CASES: readonly ProviderCase[] = [amap, openMeteo];
