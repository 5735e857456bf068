import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planChildProcesses } from '../../../cli/start/child-processes.ts';
import type { Home } from '../../../cli/start/home.ts';
import { localPorts } from '../../../runtime/local-ports.ts';

const home = {
  root: '/home',
  local: '/home/local',
  scratch: '/home/scratch',
  channelKeys: 'own',
  apiToken: 'token',
} as Home;

/** Returns one variable of each process that gets it. */
function variableOf(name: string, inherited: Readonly<Record<string, string>> = {}) {
  const plans = planChildProcesses(home, localPorts(10), inherited);
  return Object.fromEntries(
    plans.flatMap((plan) =>
      plan.environment[name] === undefined ? [] : [[plan.name, plan.environment[name]]],
    ),
  );
}

test('the local cloud serves channels, and the api and the worker may send to them', () => {
  assert.deepEqual(variableOf('SLUICE_LOCAL_CHANNELS_PORT'), { local: '9013' });
  const origins = 'http://localhost:9013,http://127.0.0.1:9013';
  assert.deepEqual(variableOf('SLUICE_CHANNEL_ORIGINS'), { api: origins, worker: origins });
  const all = `http://10.0.0.1:80,${origins}`;
  assert.deepEqual(variableOf('SLUICE_CHANNEL_ORIGINS', { SLUICE_CHANNEL_ORIGINS: 'http://10.0.0.1:80' }), {
    ...{ api: all, worker: all },
  });
});

test('the api and the worker get the keys of channels. A key that the user sets comes first', () => {
  assert.deepEqual(variableOf('SLUICE_CHANNEL_KEYS'), { api: 'own', worker: 'own' });
  const keys = { api: 'new,own', worker: 'new,own' };
  assert.deepEqual(variableOf('SLUICE_CHANNEL_KEYS', { SLUICE_CHANNEL_KEYS: 'new' }), keys);
});

test('the stand-in is the provider, unless another one is set', () => {
  assert.deepEqual(variableOf('WEATHER_PROVIDER'), { worker: 'stand-in' });
  assert.deepEqual(variableOf('WEATHER_PROVIDER', { WEATHER_PROVIDER: 'open-meteo' }), {});
});

test('the api takes the token of endpoints.json. Reading needs no token, unless the user has set tokens', () => {
  assert.deepEqual(variableOf('SLUICE_API_TOKENS'), { api: 'token' });
  assert.deepEqual(variableOf('SLUICE_API_OPEN_READS'), { api: 'on' });
  const inherited = { SLUICE_API_TOKENS: 'mine' };
  assert.deepEqual(variableOf('SLUICE_API_TOKENS', inherited), { api: 'mine,token' });
  assert.deepEqual(variableOf('SLUICE_API_OPEN_READS', inherited), { api: 'off' });
});
