import { Unavailable } from '../../domain/errors.ts';

/**
 * The data of a request that credential checks read: header names in lower case, values as Node.js gives them, the
 * raw body.
 */
export interface RequestWithCredentials {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** The value of `?access_token=`, decoded. */
  readonly accessToken: string | undefined;
}

/**
 * The result of checking one credential: `proven` is valid, `absent` is not in the request, `wrong` is invalid,
 * `forbidden` is valid, but for a subject that is not listed.
 */
export type CredentialStatus = 'proven' | 'absent' | 'wrong' | 'forbidden';

/**
 * A way to authenticate a sender. `check` ends by `deadline` (epoch ms) and throws `Unavailable` if keys are
 * unavailable.
 */
export interface Credential {
  readonly kind: 'bearer' | 'oidc' | 'eventbridge';
  check(request: RequestWithCredentials, deadline: number): Promise<CredentialStatus>;
}

/** Returns a header as Latin-1 text; undefined if it is missing, empty or repeated. */
export function headerOf({ headers }: RequestWithCredentials, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Waits for `work`. Throws `Unavailable` with `what` in its message after `deadline` (epoch ms); `work` continues. */
export async function withinDeadline<T>(work: Promise<T>, deadline: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    const fail = (): void => reject(new Unavailable('Late', `${what} did not arrive within the deadline`));
    timer = setTimeout(fail, Math.max(0, deadline - Date.now()));
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
