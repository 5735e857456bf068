import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BrowserHeaders, foreignPageProblem } from '../../domain/web-page.ts';

const HOST = 'localhost:9000';
const navigation = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };

const cases: readonly (readonly [who: string, method: string, headers: BrowserHeaders, allowed: boolean])[] =
  [
    ['curl', 'PUT', { host: HOST }, true],
    ['Node.js', 'POST', { host: HOST, 'sec-fetch-mode': 'cors' }, true],
    ['a client without Host', 'GET', {}, true],
    ['an address that a person types', 'GET', { host: HOST, 'sec-fetch-site': 'none', ...navigation }, true],
    [
      'a page of the same origin',
      'POST',
      { host: HOST, origin: `http://${HOST}`, 'sec-fetch-site': 'same-origin' },
      true,
    ],
    ['a link on another site', 'GET', { host: HOST, 'sec-fetch-site': 'cross-site', ...navigation }, true],
    ['a link on another port', 'HEAD', { host: HOST, 'sec-fetch-site': 'same-site', ...navigation }, true],
    ['a form of another site', 'POST', { host: HOST, 'sec-fetch-site': 'cross-site', ...navigation }, false],
    [
      'a frame in a page of another site',
      'GET',
      {
        ...{ host: HOST, 'sec-fetch-site': 'cross-site' },
        ...{ 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
      },
      false,
    ],
    [
      'an image in a page of another site',
      'GET',
      {
        ...{ host: HOST, 'sec-fetch-site': 'cross-site' },
        ...{ 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
      },
      false,
    ],
    ['a page of another port', 'GET', { host: HOST, 'sec-fetch-site': 'same-site' }, false],
    ['a site with an unknown relation', 'GET', { host: HOST, 'sec-fetch-site': 'other' }, false],
    ['a page of another site', 'GET', { host: HOST, origin: 'http://evil.example' }, false],
    ['a page of another local server', 'POST', { host: HOST, origin: 'http://localhost:3000' }, false],
    [
      'a page with another name of this machine',
      'POST',
      { host: HOST, origin: 'http://127.0.0.1:9000' },
      false,
    ],
    ['a page of another scheme', 'POST', { host: HOST, origin: `https://${HOST}` }, false],
    ['a sandboxed page', 'POST', { host: HOST, origin: 'null' }, false],
    [
      'a page of another site that opens a link with an origin',
      'GET',
      { host: HOST, origin: 'http://evil.example', ...navigation },
      false,
    ],
  ];
for (const [who, method, headers, allowed] of cases)
  test(`${method} of ${who} is ${allowed ? 'allowed' : 'rejected'}`, () => {
    assert.equal(foreignPageProblem(method, headers, 'the service') === undefined, allowed);
  });

test('the reason names the service and at most 200 characters of the origin', () => {
  assert.equal(
    foreignPageProblem('PUT', { host: HOST, origin: 'x'.repeat(201) }, 'the local OSS'),
    `web pages of "${'x'.repeat(200)}" may not send requests to the local OSS`,
  );
});

test('a service whose GET changes something does not allow links of other sites', () => {
  const link = { host: HOST, 'sec-fetch-site': 'cross-site', ...navigation };
  const problem = foreignPageProblem('GET', link, 'the local AMap', { allowLinks: false });
  assert.equal(problem, 'web pages of other sites may not send requests to the local AMap');
  const typed = { ...link, 'sec-fetch-site': 'none' };
  assert.equal(foreignPageProblem('GET', typed, 'the local AMap', { allowLinks: false }), undefined);
});
