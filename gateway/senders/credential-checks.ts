import type {
  BodyCheck,
  CredentialCheck,
  CredentialStatus,
  RequestHead,
  RequestWithCredentials,
} from '../auth/credentials.ts';
import type { Sender } from './sender.ts';

type HeadChecks = Map<CredentialCheck, Promise<CredentialStatus | BodyCheck>>;

/** What the checks of a request's head returned, by request object. Dropped together with that object. */
const checkedHeads = new WeakMap<RequestHead, HeadChecks>();
/** The status of each checked credential, by request object. Dropped together with that object. */
const checkedCredentials = new WeakMap<
  RequestWithCredentials,
  Map<CredentialCheck, Promise<CredentialStatus>>
>();

/**
 * Checks the head of a request against the credentials of all senders. Waits until every result is known, or until one
 * credential is valid. Later checks of the request with its body use these results, so they do not wait for keys.
 */
export async function checkHead(
  senders: readonly Sender[],
  head: RequestHead,
  deadline: number,
): Promise<void> {
  if (senders.length === 0) return;
  const checks: HeadChecks = new Map();
  checkedHeads.set(head, checks);
  for (const { credentials } of senders)
    for (const credential of credentials) checks.set(credential, credential.check(head, deadline));
  const statuses = [...checks.values()];
  const isProven = async (status: (typeof statuses)[number]): Promise<void> => {
    if ((await status) !== 'proven') throw new Error('not proven');
  };
  // If no credential is proven, or if there are none, `any` rejects when all results are known.
  await Promise.any(statuses.map(isProven)).catch(() => undefined);
}

/** Returns the request with its body as it was received. Keeps the results of `checkHead`. */
export function withBody<T extends RequestHead>(head: T, body: Buffer): T & RequestWithCredentials {
  const request = { ...head, body };
  const checks = checkedHeads.get(head);
  if (checks !== undefined) checkedHeads.set(request, checks);
  return request;
}

/**
 * Returns the request with its decoded body. Its credentials are not checked again: signatures cover the body as it was
 * received.
 */
export function withDecodedBody<T extends RequestWithCredentials>(request: T, body: Buffer): T {
  const decoded = withBody(request, body);
  const checks = checkedCredentials.get(request);
  if (checks !== undefined) checkedCredentials.set(decoded, checks);
  return decoded;
}

/** Checks a credential once per request object, for any number of events. */
export function checkCredentialOnce(
  credential: CredentialCheck,
  request: RequestWithCredentials,
  deadline: number,
): Promise<CredentialStatus> {
  const checks = checkedCredentials.get(request) ?? new Map<CredentialCheck, Promise<CredentialStatus>>();
  checkedCredentials.set(request, checks);
  const checkNow = async (): Promise<CredentialStatus> => {
    const checked = checkedHeads.get(request)?.get(credential) ?? credential.check(request, deadline);
    const status = await checked;
    return typeof status === 'function' ? status(request.body) : status;
  };
  const status = checks.get(credential) ?? checkNow();
  checks.set(credential, status);
  return status;
}
