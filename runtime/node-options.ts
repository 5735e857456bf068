/**
 * How the worker's Node.js is to be run: it makes much short-lived garbage, which a large young generation and many
 * malloc arenas only spread over more memory. Measured by `npm run bench -- unzip`: a fifth less, at the same speed.
 */
export const workerNodeOptions = {
  flags: ['--max-semi-space-size=4', '--max-old-space-size=256'],
  environment: { MALLOC_ARENA_MAX: '2' },
} as const;

/**
 * How the gateway's is: a small heap is collected often, which costs it little, and sooner by the thread that waits for
 * it than by helpers that must be woken first. Measured by `npm run bench -- gateway`.
 */
export const gatewayNodeOptions = {
  flags: [
    '--min-semi-space-size=4',
    '--max-semi-space-size=4',
    '--max-old-space-size=48',
    '--single-threaded-gc',
  ],
  environment: { MALLOC_ARENA_MAX: '2' },
} as const;

/**
 * How the source's is: each event makes 20 KB of short-lived garbage, and a larger young generation is collected more
 * rarely at the same cost. Measured by `npm run bench -- source`.
 */
export const sourceNodeOptions = {
  flags: [
    '--min-semi-space-size=16',
    '--max-semi-space-size=16',
    '--max-old-space-size=96',
    '--single-threaded-gc',
  ],
  environment: { MALLOC_ARENA_MAX: '2' },
} as const;

/** How the api's is: what it holds is small and short-lived, and what a hundred requests make fits its young generation. */
export const apiNodeOptions = {
  flags: [
    '--min-semi-space-size=16',
    '--max-semi-space-size=16',
    '--max-old-space-size=96',
    '--single-threaded-gc',
  ],
  environment: { MALLOC_ARENA_MAX: '2' },
} as const;
