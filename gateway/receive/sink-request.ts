import type { SignedRequest } from '../auth/credentials.ts';

/** A request to the sink as it came: header names in lower case, values as Latin-1, the body raw, the path without its query. */
export interface SinkRequest extends SignedRequest {
  readonly path: string;
}
