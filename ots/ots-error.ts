/**
 * What the service answered instead of a result: its own code and sentence. `status` is HTTP's, 0 where one row of a
 * batch failed.
 */
export class OtsError extends Error {
  override readonly name = 'OtsError';
  readonly code: string;
  readonly status: number;
  readonly requestId: string | undefined;

  constructor(
    code: string,
    message: string,
    { status = 0, requestId }: { status?: number; requestId?: string | undefined } = {},
  ) {
    super(message);
    this.code = code;
    this.status = status;
    this.requestId = requestId;
  }
}

/** There is no answer, or one that cannot be believed: cut short, or its checksum or signature does not match. */
export class OtsUnreachable extends Error {
  override readonly name = 'OtsUnreachable';
}
