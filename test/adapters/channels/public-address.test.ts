import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readChannelAddress } from '../../../adapters/channels/channel-address.ts';
import { isPublicAddress, lookupPublic } from '../../../adapters/channels/public-address.ts';

const addresses: readonly (readonly [address: string, isPublic: boolean])[] = [
  ['8.8.8.8', true],
  ['100.63.255.255', true],
  ['100.128.0.0', true],
  ['172.15.255.255', true],
  ['172.32.0.0', true],
  ['2606:4700::1111', true],
  ['::ffff:8.8.8.8', true],
  ['0.0.0.0', false],
  ['10.0.0.1', false],
  ['100.64.0.0', false],
  ['100.100.100.200', false],
  ['127.0.0.1', false],
  ['169.254.169.254', false],
  ['172.16.0.0', false],
  ['172.31.255.255', false],
  ['192.0.0.1', false],
  ['192.168.1.1', false],
  ['198.18.0.1', false],
  ['203.0.113.1', false],
  ['168.63.129.15', true],
  ['168.63.129.16', false],
  ['168.63.129.17', true],
  ['::ffff:168.63.129.16', false],
  ['224.0.0.1', false],
  ['255.255.255.255', false],
  ['::', false],
  ['::1', false],
  ['::7f00:1', false],
  ['::ffff:127.0.0.1', false],
  ['64:ff9b::7f00:1', false],
  ['2001:db8::1', false],
  ['2002:7f00:1::', false],
  ['fc00::1', false],
  ['fe80::1', false],
  ['fec0::1', false],
  ['ff02::1', false],
  ['localhost', false],
  ['', false],
];
for (const [address, isPublic] of addresses)
  test(`"${address}" is ${isPublic ? 'a public' : 'not a public'} address`, () => {
    assert.equal(isPublicAddress(address), isPublic);
  });

for (const all of [true, false])
  test(`a host name without a public address is not resolved, with all: ${all}`, async () => {
    const error = await new Promise((resolve) =>
      lookupPublic('localhost', { all }, (found) => resolve(found)),
    );
    assert.equal(Object(error).code, 'ENOTPUBLIC');
  });

const PRIVATE = ['http://127.0.0.1:9003', 'https://intern.example'];
const refused: readonly (readonly [address: string, problem: RegExp])[] = [
  ['hook', /^url is not an address such as/],
  ['http://example.com/hook', /^url must begin with https:\/\/, but begins with http:\/\//],
  ['file:///etc/passwd', /^url must begin with https:\/\//],
  ['https://user@example.com/', /^url must not contain a user name/],
  ['https://:secret@example.com/', /^url must not contain a user name/],
  ['https://example.com/#token', /^url must not contain a fragment/],
  ['https://127.0.0.1/', /^url has the private address 127\.0\.0\.1/],
  ['https://2130706433/', /^url has the private address 127\.0\.0\.1/],
  ['https://0x7f.1/', /^url has the private address 127\.0\.0\.1/],
  ['https://[::1]/', /^url has the private address ::1/],
  ['https://[::ffff:127.0.0.1]/', /^url has the private address/],
  ['https://169.254.169.254/latest', /^url has the private address/],
  ['https://168.63.129.16/machine', /^url has the private address 168\.63\.129\.16/],
  ['http://127.0.0.1:9004/', /^url must begin with https/],
  ['https://127.0.0.1:9003/', /^url has the private address/],
  ['http://intern.example/', /^url must begin with https/],
];
for (const [address, problem] of refused)
  test(`a channel cannot have the address ${address}`, () => {
    assert.throws(() => readChannelAddress(address, PRIVATE), { name: 'InvalidInput', message: problem });
  });

for (const address of [
  'https://example.com/hook?key=1',
  'https://8.8.8.8/',
  'http://127.0.0.1:9003/robot/send',
  'https://intern.example/hook',
])
  test(`a channel can have the address ${address}`, () => {
    assert.equal(readChannelAddress(address, PRIVATE).href, new URL(address).href);
  });
