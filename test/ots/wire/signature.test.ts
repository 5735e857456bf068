import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headersWithSignature, requestSignature, sameSignature } from '../../../ots/wire/signature.ts';

test('signs the path, the method and all x-ots headers except the signature, sorted by name', () => {
  // Computed with Python's hmac from the text in the vendor's documentation.
  const headers = {
    'x-ots-date': '2026-11-22T08:00:00.000Z',
    'x-ots-apiversion': '2015-12-31',
    'x-ots-accesskeyid': 'local',
    'x-ots-instancename': 'sluice-local',
    'x-ots-contentmd5': '1B2M2Y8AsgTpgAmY7PhCfg==',
    'content-length': '0',
    'x-ots-signature': 'not signed',
  };
  assert.equal(requestSignature('/ListTable', headers, 'local-secret'), 'bjptHIk4tZ7t8F4scyIdp5KRzLA=');
});

test('sends and signs the token of temporary credentials', () => {
  const credentials = { accessKeyId: 'a', accessKeySecret: 's', securityToken: 'token' };
  const about = { instance: 'i', version: '2015-12-31', credentials, now: 0 };
  const headers = headersWithSignature('/ListTable', Buffer.alloc(0), about);
  assert.equal(headers['x-ots-ststoken'], 'token');
  const { 'x-ots-ststoken': _, ...without } = headers;
  assert.notEqual(requestSignature('/ListTable', without, 's'), headers['x-ots-signature']);
});

test('signatures of different lengths are different', () => {
  assert.equal(sameSignature('abc', 'abcd'), false);
  assert.equal(sameSignature('abc', 'abc'), true);
});
