import { Unavailable } from '../../domain/errors.ts';

/** A request without its body. Header names are in lower case. Header values are as Node.js gives them. */
export interface RequestHead {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The value of `?access_token=`, decoded. */
  readonly accessToken: string | undefined;
}

/** What credential checks read of a request: its head and its raw body. */
export interface RequestWithCredentials extends RequestHead {
  readonly body: Buffer;
}

/**
 * The result of checking one credential. `proven`: it is valid. `absent`: the request has none. `wrong`: it is invalid.
 * `forbidden`: it is valid, but its subject is not in the list of allowed subjects.
 */
export type CredentialStatus = 'proven' | 'absent' | 'wrong' | 'forbidden';

/** Finishes a check that depends on the body, such as that of a signature. The body must be as it was received. */
export type BodyCheck = (body: Buffer) => CredentialStatus;

/**
 * A way to authenticate a sender. `check` reads only the head of a request, so that no body is in memory while keys are
 * fetched. If the result also depends on the body, `check` returns a function. `check` ends by `deadline` (epoch ms),
 * and throws `Unavailable` if a required key is unavailable.
 */
export interface CredentialCheck {
  readonly kind: 'bearer' | 'oidc' | 'eventbridge';
  check(head: RequestHead, deadline: number): Promise<CredentialStatus | BodyCheck>;
}

/** Returns a header as Latin-1 text; undefined if it is missing, empty or repeated. */
export function headerOf({ headers }: RequestHead, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/**
 * Waits for `work`. After `deadline` (epoch ms), throws `Unavailable`: `<awaited> did not arrive within the deadline`.
 * `work` continues.
 */
export async function withinDeadline<T>(work: Promise<T>, deadline: number, awaited: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    const fail = (): void => reject(new Unavailable('Late', `${awaited} did not arrive within the deadline`));
    timer = setTimeout(fail, Math.max(0, deadline - Date.now()));
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
