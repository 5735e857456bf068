/** `unknown`: the values that could decide are missing. */
export type Truth = boolean | 'unknown';

/** One true result is enough. If there is none, the result is known only if all results are known. */
export const anyOf = (results: readonly Truth[]): Truth =>
  results.includes(true) || (results.includes('unknown') ? 'unknown' : false);

export const opposite = (result: Truth): Truth => (result === 'unknown' ? result : !result);
