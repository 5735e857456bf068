import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { after, before, beforeEach, describe, test } from 'node:test';
import { inspect } from 'node:util';
import { type AmapOptions, createAmapProvider } from '../../../../adapters/forecast/amap/amap-provider.ts';
import type { ProviderWithConnections } from '../../../../adapters/forecast/provider-http.ts';
import { ProviderError } from '../../../../domain/weather/provider-failure.ts';
import type { PlaceResult } from '../../../../ports/forecast-provider.ts';
import { listen } from '../../../../runtime/listen.ts';
import { type RunningAmap, startAmap } from '../../../local/amap/running-amap.ts';
import { INFOCODES } from './infocodes.ts';

const HANGZHOU = { adcode: '330100', name: '杭州市' };
const AT = Date.parse('2026-11-22T10:00:17.250+08:00');

const resultOf = async (provider: ProviderWithConnections): Promise<PlaceResult | ProviderError> => {
  try {
    const answers = await provider.fetchForecasts([HANGZHOU]);
    assert.equal(answers.length, 1);
    return answers[0] ?? assert.fail();
  } catch (error) {
    if (error instanceof ProviderError) return error;
    throw error;
  }
};

const failureIn = (answer: PlaceResult | ProviderError) => {
  if (answer instanceof ProviderError) return answer;
  return answer.outcome === 'failed' ? answer.failure : assert.fail(inspect(answer));
};

describe('the AMap stand-in', () => {
  let running: RunningAmap;
  let provider: ProviderWithConnections;
  before(async () => {
    running = await startAmap();
    const { endpoint } = running;
    provider = createAmapProvider({ id: 'stand-in', key: 'local', endpoint, clock: () => AT });
  });
  beforeEach(() => running.send('DELETE', '/-/faults'));
  after(async () => {
    await provider.close();
    await running.stop();
  });

  for (const [failure, infocodes] of INFOCODES)
    for (const infocode of infocodes) {
      const how = failure === 'place' ? 'for this place only' : 'for the whole call';
      test(`infocode ${infocode} is ${failure}, ${how}`, async () => {
        await running.send('POST', '/-/faults', { rules: [{ do: 'infocode', code: infocode }] });
        const answer = await resultOf(provider);
        assert.equal(answer instanceof ProviderError, failure !== 'place');
        const { class: failureClass, code, reason, afterMs } = failureIn(answer);
        assert.deepEqual([failureClass, code], [failure, infocode]);
        assert.match(reason, new RegExp(`^AMap rejected 杭州市 \\(330100\\): ${infocode} [A-Z_]+$`));
        assert.equal(afterMs, infocode === '10004' ? 42_750 : undefined);
      });
    }

  test('a city without a forecast is empty, which is not a failure', async () => {
    await running.send('POST', '/-/faults', { rules: [{ do: 'empty' }] });
    assert.deepEqual(await resultOf(provider), { adcode: '330100', outcome: 'empty' });
  });

  test('one invalid day does not affect the three other days', async () => {
    await running.send('POST', '/-/faults', { rules: [{ do: 'bad cast' }] });
    const answer = await resultOf(provider);
    assert.ok(!(answer instanceof ProviderError) && answer.outcome === 'forecast', inspect(answer));
    assert.equal(answer.forecast.days.length, 3);
  });

  test('a wrong key and a missing signature are configuration failures', async () => {
    const other = createAmapProvider({ id: 'amap', key: 'other', endpoint: running.endpoint });
    assert.equal(failureIn(await resultOf(other)).code, '10001');
    await other.close();
    const signing = await startAmap({ signSecret: 'S' });
    const unsigned = createAmapProvider({ id: 'amap', key: 'local', endpoint: signing.endpoint });
    assert.equal(failureIn(await resultOf(unsigned)).code, '10007');
    await unsigned.close();
    await signing.stop();
  });
});

/**
 * Fetches a forecast from a server that answers with `reply`. Returns the provider's result, and the request's path.
 */
async function fetchFromServer(
  reply: (message: IncomingMessage) => string | Buffer,
  options: Partial<AmapOptions> = {},
): Promise<{ answer: PlaceResult | ProviderError; path: string }> {
  let path = '';
  const server = await listen(
    (message, response) => {
      path = message.url ?? '';
      response.end(reply(message));
    },
    { host: '127.0.0.1', port: 0 },
  );
  const endpoint = `http://127.0.0.1:${server.port}`;
  const provider = createAmapProvider({ id: 'amap', key: 'k', endpoint, ...options });
  try {
    return { answer: await resultOf(provider), path };
  } finally {
    await provider.close();
    await server.close(0);
  }
}

const EMPTY = '{"status":"1","count":"0","forecasts":[]}';

test('requests the forecast of one adcode, signed if a secret is set', async () => {
  const { path } = await fetchFromServer(() => EMPTY);
  assert.equal(path, '/v3/weather/weatherInfo?city=330100&extensions=all&key=k');
  const signed = await fetchFromServer(() => EMPTY, { signSecret: 'S' });
  // MD5 of `city=330100&extensions=all&key=kS`.
  assert.equal(signed.path, `${path}&sig=39003c250e2528b6c3ea6682d817cdde`);
});

test('no failure contains key, secret or signature, also if the answer repeats them', async () => {
  const [key, signSecret] = ['key+with/signs', 'the secret'];
  let sig = '';
  const { answer } = await fetchFromServer(
    (message) => {
      const query = new URL(message.url ?? '', 'http://amap').searchParams;
      sig = query.get('sig') ?? '';
      const info = `${encodeURIComponent(key)} ${key} ${signSecret}`;
      return JSON.stringify({ status: '0', info, infocode: '10099' });
    },
    { key, signSecret },
  );
  const shown = inspect(failureIn(answer), { depth: null, showHidden: true });
  assert.match(shown, /10099 … … …/);
  assert.equal(sig.length, 32);
  for (const secret of [key, encodeURIComponent(key), signSecret, sig]) assert.ok(!shown.includes(secret));
});

test('no failure contains a signature that the answer repeats', async () => {
  let sig = '';
  const { answer } = await fetchFromServer(
    (message) => {
      sig = new URL(message.url ?? '', 'http://amap').searchParams.get('sig') ?? '';
      return JSON.stringify({ status: '0', info: `bad ${sig}`, infocode: '10099' });
    },
    { signSecret: 'S' },
  );
  assert.match(failureIn(answer).reason, /10099 bad …$/);
});

test('a forecast without a city’s name has the requested name', async () => {
  const cast = { date: '2026-11-22', week: '7', dayweather: '晴' };
  const forecasts = [{ adcode: '330100', city: [], province: '浙江', reporttime: '', casts: [cast] }];
  const { answer } = await fetchFromServer(() => JSON.stringify({ status: '1', count: '1', forecasts }));
  assert.ok(!(answer instanceof ProviderError) && answer.outcome === 'forecast');
  assert.deepEqual([answer.forecast.city, answer.forecast.provider], ['杭州市', 'amap']);
});

test('an answer that is not UTF-8 is unreadable, and not a forecast with wrong characters', async () => {
  const cast = { date: '2026-11-22', dayweather: '#' };
  const forecasts = [{ adcode: '330100', casts: [cast] }];
  const text = JSON.stringify({ status: '1', count: '1', forecasts });
  // 晴 in GBK.
  const gbk = Buffer.from([0xc7, 0xe7]);
  const [before = '', behind = ''] = text.split('#');
  const { answer } = await fetchFromServer(() =>
    Buffer.concat([Buffer.from(before), gbk, Buffer.from(behind)]),
  );
  assert.equal(failureIn(answer).code, 'unreadable');
});
