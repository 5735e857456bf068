import type { AdmissionQueue } from '../../domain/admission-queue.ts';
import type { PartLimits, UnzipLimits } from '../../domain/unzip/limits.ts';
import type { Charset } from '../../domain/zip/entry-charset.ts';
import type { EventSink } from '../../ports/event-sink.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import type { RunControl } from '../../ports/run-control.ts';
import type { ScratchSpace } from './scratch-space.ts';

/** What the unzip activities are built from. */
export interface UnzipDeps {
  readonly store: ObjectStore;
  readonly runs: RunControl;
  readonly events: EventSink;
  readonly scratch: ScratchSpace;
  readonly limits: UnzipLimits;
  readonly partLimits: PartLimits;
  /** How undeclared names are read that are not UTF-8. */
  readonly charset: Charset;
  /** Lets so many writes to the store through at a time, for the whole process. */
  readonly uploadQueue: AdmissionQueue;
}
