import { AdmissionQueue } from '../../domain/admission-queue.ts';
import { InvalidInput } from '../../domain/errors.ts';
import type { ObjectRef, ObjectStore } from '../../ports/object-store.ts';

/** A larger manifest or claim can need most of the worker's heap while it is parsed. */
const SMALL_LIST_BYTES = 1024 * 1024;

const PARALLEL_SMALL_LISTS = 16;

/** A manifest or claim in memory. Call `close` when neither `body` nor a value parsed from it is needed any more. */
export interface OpenList {
  readonly body: Buffer;
  readonly isLarge: boolean;
  readonly close: () => void;
}

/** A `ListMemory` for short manifests and claims (`forShortLists`) throws this instead of reading a long one. */
export class LongLists extends Error {
  constructor() {
    super('long lists cannot be read now');
  }
}

const createLanes = () => ({
  small: new AdmissionQueue({ parallel: { slots: PARALLEL_SMALL_LISTS } }),
  large: new AdmissionQueue({ parallel: { slots: 1 } }),
});

/**
 * Bounds the memory of a worker for manifests and claims, which are called lists here. At most 16 small ones and one large one are in memory at
 * the same time. A caller that has a list open must not open another one: two such callers could wait for each other
 * forever.
 */
export class ListMemory {
  readonly #lanes: ReturnType<typeof createLanes>;
  readonly #onlyShort: boolean;

  constructor(lanes = createLanes(), onlyShort = false) {
    this.#lanes = lanes;
    this.#onlyShort = onlyShort;
  }

  /**
   * A view of the same memory, for a caller that must be quick because others wait for it. It throws `LongLists` instead of
   * reading a manifest or claim over 1 MiB, or the run objects that list the objects of a large archive.
   */
  get forShortLists(): ListMemory {
    return new ListMemory(this.#lanes, true);
  }

  /**
   * Call this method before the lists of a large archive are read. Throws `LongLists` if this `ListMemory` is for short
   * lists only.
   */
  requireLongListsAllowed(): void {
    if (this.#onlyShort) throw new LongLists();
  }

  /**
   * Reads an object when there is room for it. Returns undefined if it does not exist.
   * @throws InvalidInput of type `ObjectTooLarge` if the object has more than `maxBytes`; LongLists if the object is
   * long, but this `ListMemory` is for short lists only
   */
  async open(
    store: Pick<ObjectStore, 'get'>,
    ref: ObjectRef,
    maxBytes: number,
    signal: AbortSignal,
  ): Promise<OpenList | undefined> {
    const read = async (isLarge: boolean): Promise<OpenList | undefined> => {
      const slot = await (isLarge ? this.#lanes.large : this.#lanes.small).wait(0, signal);
      let body: Buffer | undefined;
      try {
        body = await store.get(ref, isLarge ? maxBytes : SMALL_LIST_BYTES, signal);
      } finally {
        if (body === undefined) slot.release();
      }
      return body && { body, isLarge, close: () => slot.release() };
    };
    try {
      return await read(false);
    } catch (error) {
      if (!(error instanceof InvalidInput) || error.type !== 'ObjectTooLarge') throw error;
    }
    this.requireLongListsAllowed();
    return await read(true);
  }

  /** Opens an object, and closes it after `use`. Returns what `use` returns; undefined if the object does not exist. */
  async read<T>(
    store: Pick<ObjectStore, 'get'>,
    ref: ObjectRef,
    maxBytes: number,
    use: (body: Buffer) => T | Promise<T>,
    signal: AbortSignal,
  ): Promise<T | undefined> {
    const list = await this.open(store, ref, maxBytes, signal);
    if (list === undefined) return undefined;
    try {
      return await use(list.body);
    } finally {
      list.close();
    }
  }
}
