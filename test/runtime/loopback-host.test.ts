import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listen } from '../../runtime/listen.ts';
import {
  foreignHostProblem,
  isLoopbackAddress,
  isLoopbackHost,
  rejectForeignHosts,
} from '../../runtime/loopback-host.ts';
import { send } from '../local/raw-request.ts';

const hosts: readonly (readonly [host: string, own: boolean])[] = [
  ['localhost', true],
  ['LOCALHOST:8081', true],
  ['127.0.0.1', true],
  ['127.1.2.3:80', true],
  ['[::1]:80', true],
  ['evil.example', false],
  ['localhost.evil.example:80', false],
  ['127.0.0.1.evil.example', false],
  ['128.0.0.1', false],
  ['localhost:80x', false],
  ['localhost@evil.example', false],
  ['', false],
];
for (const [host, own] of hosts)
  test(`Host "${host}" ${own ? 'names' : 'does not name'} this machine`, () => {
    assert.equal(isLoopbackHost(host), own);
    assert.equal(foreignHostProblem({ host }) === undefined, own);
  });

const addresses: readonly (readonly [address: string, own: boolean])[] = [
  ['loopback', true],
  ['127.0.0.1', true],
  ['127.1.2.3', true],
  ['localhost', true],
  ['::1', true],
  ['0.0.0.0', false],
  ['::', false],
  ['192.168.1.5', false],
  ['127.0.0.1:80', false],
  ['', false],
];
for (const [address, own] of addresses)
  test(`a server on "${address}" is reached ${own ? 'only from this machine' : 'from other machines'}`, () =>
    assert.equal(isLoopbackAddress(address), own));

test('a request without Host is not from a web page', () => {
  assert.equal(foreignHostProblem({}), undefined);
});

for (const [host, status] of [
  ['loopback', 403],
  ['127.0.0.1', 200],
] as const)
  test(`a server whose address is ${host} answers ${status} to a Host with a domain name`, async (t) => {
    const server = await listen(
      rejectForeignHosts(host, (_req, res) => res.end('secret')),
      { host, port: 0 },
    );
    t.after(() => server.close(0));
    const endpoint = `http://127.0.0.1:${server.port}`;
    assert.equal((await send(endpoint, '/')).status, 200);
    const answer = await send(endpoint, '/', { headers: { host: 'weather.example' } });
    assert.equal(answer.status, status);
    if (status === 403)
      assert.equal(
        String(answer.body),
        JSON.stringify({
          error: 'the Host header must be localhost, 127.x.x.x or [::1], but is "weather.example"',
        }),
      );
  });
