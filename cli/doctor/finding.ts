/** What a check found, in one line; `remedy` says what to do when it is not well. */
export interface Finding {
  readonly ok: boolean;
  readonly what: string;
  readonly says: string;
  readonly remedy?: string;
}
