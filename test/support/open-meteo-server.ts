import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { DateTime } from 'luxon';
import { listen } from '../../runtime/listen.ts';

/** What the server does instead of a correct answer. */
export type OpenMeteoFault =
  | {
      readonly do:
        | 'hang'
        | 'stall'
        | 'reset'
        | 'html'
        | 'half json'
        | 'cut'
        | 'array'
        | 'number'
        | 'huge'
        | 'gzip';
    }
  | {
      readonly do: 'http';
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly reason?: string;
    }
  /** Answers with the result of `change`. */
  | { readonly do: 'change'; readonly change: (forecasts: Forecast[]) => unknown };

export type Forecast = Record<string, unknown> & { daily: Record<string, unknown[]> };

export interface OpenMeteoServer {
  readonly endpoint: string;
  /** The paths of all calls. */
  readonly calls: string[];
  /** Applies to all further calls; undefined: no fault. */
  fault: OpenMeteoFault | undefined;
  stop(): Promise<void>;
}

/** Daily variables that Open-Meteo documents, with realistic values. */
const DAILY: Readonly<Record<string, readonly (number | null)[]>> = {
  weather_code: [0, 61, 95, 3],
  temperature_2m_max: [12.4, 9.5, -0.4, 21],
  temperature_2m_min: [3.2, 1.4, -7.6, 14.5],
  wind_speed_10m_max: [5.4, 20.2, 31.7, 118],
  wind_direction_10m_dominant: [0, 44, 181, 359],
  precipitation_sum: [0, 4.3, 17, 0],
  precipitation_probability_max: [0, 80, 97, null],
};

/**
 * Starts a server that behaves like Open-Meteo's `/v1/forecast`. It follows the documentation for parameters: as many
 * latitudes as longitudes, within the allowed range; known variables; a required time zone. For several locations it
 * answers a list, in which all but the first have `location_id`. Errors are HTTP 400 with a reason, or 404 for an unknown path.
 */
export async function startOpenMeteo({
  clock = Date.now,
  apiKey,
}: {
  readonly clock?: () => number;
  readonly apiKey?: string;
} = {}): Promise<OpenMeteoServer> {
  const openResponses = new Set<ServerResponse>();
  const server = await listen(
    (message, response) => {
      running.calls.push(message.url ?? '');
      const reply = answerOf(message, { clock, apiKey });
      const fault = running.fault;
      if (fault === undefined) return json(response, reply.status, reply.body);
      if (fault.do === 'hang' || fault.do === 'stall') openResponses.add(response);
      if (fault.do === 'stall') response.writeHead(200, { 'content-length': 100 }).write('{');
      else applyFault(fault, { message, response, forecasts: reply.body });
    },
    { host: '127.0.0.1', port: 0 },
  );
  const running: OpenMeteoServer = {
    endpoint: `http://127.0.0.1:${server.port}`,
    calls: [],
    fault: undefined,
    stop: () => {
      for (const response of openResponses) response.destroy();
      return server.close(0);
    },
  };
  return running;
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

const errorReply = (reason: string, status = 400): Reply => ({ status, body: { error: true, reason } });

function answerOf(
  message: IncomingMessage,
  { clock, apiKey }: { clock: () => number; apiKey: string | undefined },
): Reply {
  const { pathname, searchParams: query } = new URL(message.url ?? '/', 'http://open-meteo');
  if (pathname !== '/v1/forecast') return errorReply('Not Found', 404);
  if (apiKey !== undefined && query.get('apikey') !== apiKey)
    return errorReply('The supplied API key is invalid.');
  const [latitudes, longitudes] = [numbersIn(query.get('latitude')), numbersIn(query.get('longitude'))];
  if (latitudes.length === 0 || latitudes.length !== longitudes.length)
    return errorReply("Parameter 'latitude' and 'longitude' must have the same number of elements");
  for (const latitude of latitudes)
    if (!(Math.abs(latitude) <= 90))
      return errorReply(`Latitude must be in range of -90 to 90°. Given: ${latitude}.`);
  for (const longitude of longitudes)
    if (!(Math.abs(longitude) <= 180))
      return errorReply(`Longitude must be in range of -180 to 180°. Given: ${longitude}.`);
  const names = query.get('daily')?.split(',') ?? [];
  for (const name of names)
    if (DAILY[name] === undefined)
      return errorReply(`Cannot initialize ForecastVariableDaily from invalid String value ${name}.`);
  const timezone = query.get('timezone');
  if (timezone === null) return errorReply('Timezone is required');
  const days = Number(query.get('forecast_days') ?? 7);
  if (!(days >= 0 && days <= 16))
    return errorReply(`Forecast days is invalid. Allowed range 0 to 16. Given ${days}.`);
  const today = DateTime.fromMillis(clock(), { zone: timezone });
  const time = Array.from({ length: days }, (_, ahead) => today.plus({ days: ahead }).toISODate());
  const list = latitudes.map((latitude, index) => ({
    // The center of the grid cell.
    latitude: Math.round(latitude * 8) / 8,
    longitude: Math.round((longitudes[index] ?? 0) * 8) / 8,
    ...{ generationtime_ms: 0.1, utc_offset_seconds: today.offset * 60, timezone, elevation: 20 },
    ...(index === 0 ? {} : { location_id: index }),
    daily: {
      time,
      ...Object.fromEntries(
        names.map((name) => [name, time.map((_, day) => DAILY[name]?.[(day + index) % 4] ?? null)]),
      ),
    },
  }));
  return { status: 200, body: list.length === 1 ? list[0] : list };
}

const numbersIn = (text: string | null): number[] => (text ? text.split(',').map(Number) : []);

interface FaultedRequest {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  readonly forecasts: unknown;
}

function applyFault(fault: OpenMeteoFault, { message, response, forecasts }: FaultedRequest): void {
  const text = JSON.stringify(forecasts);
  if (fault.do === 'http') {
    const body = fault.reason === undefined ? 'no' : JSON.stringify({ error: true, reason: fault.reason });
    response.writeHead(fault.status, fault.headers).end(body);
  } else if (fault.do === 'change') {
    const list = Array.isArray(forecasts) ? forecasts : [forecasts];
    json(response, 200, fault.change(list));
  } else if (fault.do === 'reset') message.socket.resetAndDestroy();
  else if (fault.do === 'html') response.end('<!DOCTYPE html><html><body>sign in</body></html>');
  else if (fault.do === 'array') json(response, 200, []);
  else if (fault.do === 'number') json(response, 200, 42);
  else if (fault.do === 'huge') response.end(text + ' '.repeat(300 * 1_024));
  else if (fault.do === 'gzip') response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(text));
  else if (fault.do === 'half json') response.end(text.slice(0, text.length >> 1));
  else if (fault.do === 'cut') {
    response.writeHead(200, { 'content-length': Buffer.byteLength(text) });
    response.write(text.slice(0, text.length >> 1), () => response.destroy());
  }
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}
