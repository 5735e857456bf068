import type { AdmissionQueue } from '../../domain/admission-queue.ts';
import type { PartLimits, UnzipLimits } from '../../domain/unzip/limits.ts';
import type { NameOptions } from '../../domain/zip/entry-name-rules.ts';
import type { EventSink } from '../../ports/event-sink.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import type { RunControl } from '../../ports/run-control.ts';
import type { ListMemory } from './list-memory.ts';
import type { ScratchSpace } from './scratch-space.ts';
import type { SmallArchiveMemory } from './small-archive-memory.ts';

/** The dependencies of the unzip activities. */
export interface UnzipDeps {
  readonly store: ObjectStore;
  readonly runs: RunControl;
  readonly events: EventSink;
  readonly scratch: ScratchSpace;
  readonly limits: UnzipLimits;
  readonly partLimits: PartLimits;
  /** How entry names are read, unless the archive's route or metadata says otherwise. */
  readonly names: NameOptions;
  /** Bounds the concurrent writes of this process to the store. */
  readonly uploadQueue: AdmissionQueue;
  readonly smallArchives: SmallArchiveMemory;
  /** Bounds the manifests and claims that are in the memory of this process. */
  readonly lists: ListMemory;
  /** Bounds the memory of this process for large central directories, in bytes. */
  readonly largeDirectories: AdmissionQueue;
}
