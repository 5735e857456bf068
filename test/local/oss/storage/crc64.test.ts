import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc64 } from 'hash-wasm';
import { combineCrc64 } from '../../../../local/oss/storage/crc64.ts';

const CHECK = 11051210869376104954n;
const crc64Of = async (bytes: Uint8Array | string) => BigInt(`0x${await crc64(bytes)}`);

test('the checksums of two pieces combine to the documented check value, wherever the content is cut', async () => {
  const digits = '123456789';
  for (let cut = 0; cut <= digits.length; cut += 1) {
    const tail = digits.slice(cut);
    assert.equal(combineCrc64(await crc64Of(digits.slice(0, cut)), await crc64Of(tail), tail.length), CHECK);
  }
});

test('the checksums of long pieces with different lengths combine to the checksum of the whole content', async () => {
  const bytes = Buffer.alloc(3_000_001, 'sluice');
  for (const cut of [1, 65_536, 1_000_003, 2_999_999]) {
    const tail = bytes.subarray(cut);
    assert.equal(
      combineCrc64(await crc64Of(bytes.subarray(0, cut)), await crc64Of(tail), tail.length),
      await crc64Of(bytes),
    );
  }
});
