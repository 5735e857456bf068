/**
 * The memory that a large central directory needs: in the worker, and in the process that plans it. Both handle
 * several directories at the same time as long as there is room.
 */

const MIB = 1024 * 1024;

/** The worker has the directory, perhaps with corrected sizes, and a sorted copy. */
const COPIES_IN_WORKER = 3;

/** The planning process has the directory, a sorted copy, and about 44 bytes for each entry, which has at least 46. */
const COPIES_IN_PROCESS = 3;

/** A directory with deep folders needs up to 30 times its size on the heap, and a heap needs room for garbage. */
const HEAP_RATIO = 64;
const MIN_HEAP_MIB = 64;

/** Returns how many bytes of the worker's memory a large directory needs. */
export const directoryMemory = (directoryBytes: number): number => COPIES_IN_WORKER * directoryBytes;

export interface PlanningMemory {
  /** The heap of the process. */
  readonly heapMib: number;
  /** The largest memory of the process: its heap and its buffers. */
  readonly bytes: number;
}

/** Returns the memory of the process that plans a directory. No process gets a heap of more than `planningMib`. */
export function planningMemory(directoryBytes: number, planningMib: number): PlanningMemory {
  const heapMib = Math.min(planningMib, MIN_HEAP_MIB + Math.ceil((HEAP_RATIO * directoryBytes) / MIB));
  return { heapMib, bytes: heapMib * MIB + COPIES_IN_PROCESS * directoryBytes };
}

/** What a planning process lacked: a larger heap, or memory of the machine. */
export type LackingMemory = 'heap' | 'memory';

/**
 * For a process that has ended without an answer, returns what it lacked; undefined if it ended for another reason.
 * `errors` is what the process wrote to stderr. If the machine has too little memory, its kernel kills a process with
 * SIGKILL.
 */
export function lackingMemory(signal: string | null, errors: string): LackingMemory | undefined {
  if (/heap out of memory/.test(errors)) return 'heap';
  return signal === 'SIGKILL' || /out of memory|allocation failed/i.test(errors) ? 'memory' : undefined;
}
