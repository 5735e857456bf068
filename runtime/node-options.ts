/** Stack traces name the lines of the TypeScript files. The maps of all dependencies are read at start, too. */
const SOURCE_MAPS = ['--enable-source-maps'] as const;

/**
 * The Node.js options of the worker. A larger young generation needs more memory, and a smaller one more processor time
 * for archives of many small files. The worker also starts collections of the young generation itself, see
 * `activities/unzip/small-archive-memory.ts`. Concurrent marking takes processor time, but without it buffers are freed
 * so late that the worker needs 70 MiB more. Each buffer of at least 512 KiB has a separate memory mapping. So a
 * freed buffer goes back to the system at once. More malloc arenas would use more memory without being faster.
 * Measured by `npm run bench -- unzip`.
 */
export const workerNodeOptions = {
  flags: [
    ...SOURCE_MAPS,
    '--expose-gc',
    '--max-semi-space-size=4',
    '--max-old-space-size=256',
    '--no-parallel-scavenge',
  ],
  environment: { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '524288' },
} as const;

/**
 * The Node.js options of the processes in which the worker plans large archives. Each has its own heap, so that an
 * archive with very many names ends only such a process.
 */
export const planningNodeFlags = (heapMib: number): string[] => [`--max-old-space-size=${heapMib}`];

/**
 * The Node.js options of the gateway. A small young generation is collected often, but each collection costs little.
 * The main thread waits for each collection. A collection by the main thread alone is faster than one with helper
 * threads, because helper threads must be woken first. The heap grows by 12 MiB until the next collection. So it stays
 * small, although bodies with many values may need up to 80 MiB. Source maps of the dependencies would need 3 MiB more.
 * Freed memory at the end of the C heap goes back to the system, which saves 4 MiB. Measured by `npm run bench --
 * gateway`.
 */
export const gatewayNodeOptions = {
  flags: [
    '--min-semi-space-size=2',
    '--max-semi-space-size=2',
    '--max-old-space-size=80',
    '--heap-growing-percent=15',
    '--single-threaded-gc',
  ],
  environment: { MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: '65536', MALLOC_TOP_PAD_: '0' },
} as const;

/**
 * The Node.js options of the source. Each event makes 20 KB of short-lived garbage. Each collection
 * costs the same, and a larger young generation needs fewer collections. Measured by `npm run bench -- source`.
 */
export const sourceNodeOptions = {
  flags: [
    ...SOURCE_MAPS,
    '--min-semi-space-size=16',
    '--max-semi-space-size=16',
    '--max-old-space-size=96',
    '--single-threaded-gc',
  ],
  environment: { MALLOC_ARENA_MAX: '2' },
} as const;

/** The Node.js options of the API. The garbage of a hundred requests fits into its young generation. */
export const apiNodeOptions = {
  flags: [
    ...SOURCE_MAPS,
    '--min-semi-space-size=16',
    '--max-semi-space-size=16',
    '--max-old-space-size=96',
    '--single-threaded-gc',
  ],
  environment: { MALLOC_ARENA_MAX: '2' },
} as const;
