/**
 * What one attempt to send a message did.
 * - `sent`: the receiver confirmed the message.
 * - `throttled`: not sent; the receiver accepts no message before `afterMs` has passed.
 * - `retryable`: not sent; another attempt may succeed.
 * - `ambiguous`: there is no clear answer. The message may have been sent, so another attempt may repeat it.
 * - `rejected`: the receiver does not accept this message, also later.
 * - `misconfigured`: the receiver accepts no message until a person changes a setting.
 * - `dead`: the receiver no longer exists.
 */
export type SendResult =
  | { readonly kind: 'sent' }
  | (SendProblem & { readonly kind: 'throttled'; readonly afterMs: number })
  | (SendProblem & {
      readonly kind: 'retryable';
      /** The message fails after this many attempts. Absent: it fails when its time is over. */
      readonly maxTries?: number;
    })
  | (SendProblem & { readonly kind: 'ambiguous' | 'rejected' | 'misconfigured' | 'dead' });

/** Why a message was not sent. Contains neither the address nor the secret of the channel. */
export interface SendProblem {
  /** The code of the vendor, or of the failed connection, such as `310000`, `http-503` or `timeout`. */
  readonly code: string;
  /** What the code means and what to do, in both languages. */
  readonly meaning: { readonly zh: string; readonly en: string };
}
