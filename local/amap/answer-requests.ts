import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { placeOf } from '../../domain/catalogue/catalogue.ts';
import { foreignPageProblem } from '../../domain/web-page.ts';
import type { Log } from '../../runtime/log.ts';
import { foreignHostProblem } from '../../runtime/loopback-host.ts';
import { amapControlEndpoint } from './amap-control-endpoint.ts';
import type { AmapStandIn } from './amap-stand-in.ts';
import { type FaultRule, faultsOfCall } from './faults.ts';
import { type FaultyResponse, faultyResponse } from './faulty-response.ts';
import { amapError, weatherInfo } from './weather-info.ts';

const WEATHER_PATH = '/v3/weather/weatherInfo';

/** Serves AMap's weather API at its own path, and the controls of the stand-in under `/-/`. */
export function answerRequests(
  standIn: AmapStandIn,
  log: Log,
): { listener: RequestListener; endHangingRequests: () => void } {
  const control = amapControlEndpoint(standIn);
  const hangingResponses = new Set<ServerResponse>();
  const hold = (response: ServerResponse) => {
    hangingResponses.add(response);
    response.on('close', () => hangingResponses.delete(response));
  };
  const listener: RequestListener = (message, response) => {
    response.on('error', () => response.destroy());
    if (message.url?.startsWith('/-/')) return control(message, response);
    answerCall(message, response, { standIn, hold }).catch((error: unknown) => {
      response.destroy();
      log.error({ err: error, path: message.url?.split('?')[0] }, 'the answer ended early');
    });
  };
  return {
    listener,
    endHangingRequests: () => {
      for (const response of hangingResponses) response.destroy();
    },
  };
}

interface CallContext {
  readonly standIn: AmapStandIn;
  /** Keeps a request open without an answer until the server closes. */
  readonly hold: (response: ServerResponse) => void;
}

async function answerCall(
  message: IncomingMessage,
  response: ServerResponse,
  { standIn, hold }: CallContext,
): Promise<void> {
  message.resume();
  const problem =
    foreignHostProblem(message.headers) ??
    foreignPageProblem(message.method ?? '', message.headers, 'the local AMap', { allowLinks: false });
  if (problem !== undefined) return send(response, { status: 403, text: JSON.stringify({ error: problem }) });
  const { pathname, searchParams } = new URL(message.url ?? '/', 'http://amap');
  if (message.method !== 'GET') return send(response, { status: 405, headers: { allow: 'GET' }, text: '' });
  if (pathname !== WEATHER_PATH) return send(response, { text: JSON.stringify(amapError('10002').body) });
  const city = searchParams.get('city') ?? '';
  const { calls, faults } = standIn;
  calls.recordCall(placeOf(city) === undefined ? '' : city, standIn.clock());
  for (const fault of faultsOfCall(faults, city)) {
    if (fault.do === 'delay') {
      await delay(fault.ms);
      continue;
    }
    calls.recordOutcome(faultName(fault));
    const faulty = faultyResponse(fault, city, standIn);
    if (faulty !== undefined) send(response, faulty);
    else if (fault.do === 'reset') message.socket.resetAndDestroy();
    else hold(response);
    if (fault.do === 'stall') response.writeHead(200, { 'content-length': 1_000 }).write('{"status":"1",');
    return;
  }
  const { outcome, body } = weatherInfo(searchParams, standIn);
  calls.recordOutcome(outcome);
  send(response, { text: JSON.stringify(body) });
}

function faultName(fault: FaultRule): string {
  if (fault.do === 'infocode') return fault.code;
  return fault.do === 'http' ? `http-${fault.status}` : fault.do;
}

function send(
  response: ServerResponse,
  { status = 200, headers = {}, text, cut = false }: FaultyResponse,
): void {
  const length = { 'content-length': Buffer.byteLength(text) };
  response.writeHead(status, { 'content-type': 'application/json;charset=UTF-8', ...length, ...headers });
  if (cut) response.write(text.slice(0, text.length >> 1), () => response.destroy());
  else response.end(text);
}
