import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pinnedCertificate, readCertificate } from '../../gateway/auth/certificate.ts';
import type { RequestWithCredentials } from '../../gateway/auth/credentials.ts';
import { eventBridgeCredential } from '../../gateway/auth/eventbridge.ts';
import { findAuthenticatedSender } from '../../gateway/senders/authorise.ts';
import type { Sender } from '../../gateway/senders/sender.ts';
import { selfSigned } from '../gateway/auth/self-signed.ts';
import {
  distantDeadline,
  eventBridgeKeys,
  otherKeys,
  signedPush,
  TARGET,
} from '../gateway/auth/signed-push.ts';

const MIB = 1024 * 1024;
const SENDERS = 20;

/** A machine that is busy slows single measurements down. So a test fails only if all attempts fail. */
const ATTEMPTS = 5;

/** Each sender has a certificate of its own, as after each has fetched it. */
const senders: readonly Sender[] = Array.from({ length: SENDERS }, (_, index) => {
  const certificates = pinnedCertificate(readCertificate(selfSigned(eventBridgeKeys)));
  return {
    ...{ name: `rule-${index}`, match: undefined, parkUnmatched: false, ackParked: false },
    credentials: [eventBridgeCredential({ url: TARGET, versions: ['v2'], certificates })],
  };
});

/** The processor time until these senders have rejected the request, in milliseconds. */
async function rejectionMs(from: readonly Sender[], request: RequestWithCredentials): Promise<number> {
  const began = process.cpuUsage();
  const rejected = await findAuthenticatedSender(from, request, distantDeadline());
  const { user } = process.cpuUsage(began);
  assert.ok('status' in rejected && rejected.status === 401);
  return user / 1_000;
}

async function assertSometimes(
  compare: () => Promise<readonly [ms: number, limitMs: number]>,
): Promise<void> {
  const measured: string[] = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const [ms, limitMs] = await compare();
    if (ms < limitMs) return;
    measured.push(`${ms.toFixed(2)} ms, but less than ${limitMs.toFixed(2)} ms is allowed`);
  }
  assert.fail(measured.join('; '));
}

/** A signature of EventBridge over another body. An attacker can get one, and send it with other bodies. */
const captured = (bytes: number): RequestWithCredentials => ({
  ...signedPush(),
  body: Buffer.alloc(bytes, 'a'),
});

test(`a captured signature with another body of 1 MiB takes less than four times longer with ${SENDERS} senders than with one`, () =>
  assertSometimes(async () => {
    const one = await rejectionMs(senders.slice(0, 1), captured(MIB));
    return [await rejectionMs(senders, captured(MIB)), 4 * one];
  }));

test('a signature that EventBridge did not make costs less than a third of one over a body of 1 MiB', () =>
  assertSometimes(async () => {
    const forged = { ...signedPush({ key: otherKeys.privateKey }), body: Buffer.alloc(MIB, 'a') };
    const limit = (await rejectionMs(senders.slice(0, 1), captured(MIB))) / 3;
    return [await rejectionMs(senders.slice(0, 1), forged), limit];
  }));

test('every sender with the URL and the certificate accepts a signature, one with another URL does not', async () => {
  const elsewhere: Sender = {
    ...{ name: 'elsewhere', match: undefined, parkUnmatched: false, ackParked: false },
    credentials: [
      eventBridgeCredential({
        ...{ url: `${TARGET}&other`, versions: ['v2'] },
        certificates: pinnedCertificate(readCertificate(selfSigned(eventBridgeKeys))),
      }),
    ],
  };
  const request = signedPush();
  const outcomes: unknown[] = [];
  for (const sender of [...senders.slice(0, 2), elsewhere, ...senders.slice(2, 4)]) {
    const found = await findAuthenticatedSender([sender], request, distantDeadline());
    outcomes.push('name' in found ? found.name : found.status);
  }
  assert.deepEqual(outcomes, ['rule-0', 'rule-1', 401, 'rule-2', 'rule-3']);
});
