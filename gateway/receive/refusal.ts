import type { CloudEvent } from '../../domain/cloud-event.ts';
import type { Source } from '../sources/source.ts';

/** A request is refused for good; `status` is the answer. 400 and 422 are parked. */
export class Refusal extends Error {
  readonly status: 400 | 401 | 403 | 413 | 415 | 422;
  readonly event: CloudEvent | undefined;
  readonly route: string | undefined;
  readonly source: Source | undefined;

  constructor(
    status: Refusal['status'],
    reason: string,
    about: {
      readonly event?: CloudEvent | undefined;
      readonly route?: string | undefined;
      readonly source?: Source | undefined;
    } = {},
  ) {
    super(reason);
    this.name = 'Refusal';
    this.status = status;
    this.event = about.event;
    this.route = about.route;
    this.source = about.source;
  }
}
