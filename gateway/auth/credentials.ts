import { Unavailable } from '../../domain/errors.ts';

/** A request whose sender has something to prove: header names in lower case, values as Node gives them, the raw body. */
export interface SignedRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** The value of `?access_token=`, decoded. */
  readonly accessToken: string | undefined;
}

/**
 * What a request shows for one credential: it holds; it is not there at all; it is there and does not hold; it holds
 * for somebody who is not listed.
 */
export type CredentialStatus = 'proven' | 'absent' | 'wrong' | 'forbidden';

/** One way to prove who sends; `check` answers by `deadline` (epoch ms) or throws `Unavailable` when keys cannot be had. */
export interface Credential {
  readonly kind: 'bearer' | 'oidc' | 'eventbridge';
  check(request: SignedRequest, deadline: number): Promise<CredentialStatus>;
}

/** A header that was sent once and not empty, in Node's Latin-1 form; else undefined. */
export function headerOf({ headers }: SignedRequest, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** What the work gives, or `Unavailable` naming `what` when it has not by `deadline` (epoch ms); the work itself goes on. */
export async function withinDeadline<T>(work: Promise<T>, deadline: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const fail = (): void => reject(new Unavailable('Late', `${what}: not within the request's deadline`));
    timer = setTimeout(fail, Math.max(0, deadline - Date.now()));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
