import { Unavailable } from '../../domain/errors.ts';

export interface LoadingCacheOptions {
  /** How long a value is valid, in milliseconds. */
  readonly ttlMs: number;
  /** The minimum time between two loads of a key, also after a failure, in milliseconds. */
  readonly coolDownMs: number;
  /** The maximum number of values. The least recently used value is dropped first. */
  readonly entries: number;
  /** The maximum number of concurrent loads. Further loads throw `Unavailable`. */
  readonly parallel: number;
  /**
   * The maximum number of callers that wait for loads. Further callers get `Unavailable` at once. Each caller is a request
   * of anybody, so without this limit a slow load would occupy all connections.
   */
  readonly waiting: number;
}

/** A cache of values that are loaded on demand. Concurrent callers wait for one load. Failures are cached, too. */
export interface LoadingCache<T> {
  /** Returns the value. Loads it if the cache has no valid value. Throws the error of the load. */
  get(key: string): Promise<T>;
  /** Returns a value that is not older than the cool-down. If the load fails, the old value stays valid for `get`. */
  getFresh(key: string): Promise<T>;
}

/** Creates a cache for the values that `load` returns. Callers cannot cause an unlimited number of loads. */
export function createLoadingCache<T>(
  load: (key: string) => Promise<T>,
  options: LoadingCacheOptions,
): LoadingCache<T> {
  const values = new Map<string, { readonly value: T; readonly at: number }>();
  const failures = new Map<string, { readonly error: unknown; readonly at: number }>();
  const loading = new Map<string, Promise<T>>();
  let waiting = 0;

  const getYoungerThan = async (key: string, ageMs: number): Promise<T> => {
    const known = values.get(key);
    if (known !== undefined && performance.now() - known.at < ageMs) {
      put(values, key, known, options.entries);
      return known.value;
    }
    const failure = failures.get(key);
    if (failure !== undefined && performance.now() - failure.at < options.coolDownMs) throw failure.error;
    if (waiting >= options.waiting)
      throw new Unavailable(
        'TooManyLoads',
        `${options.waiting} requests already wait for keys or certificates`,
      );
    waiting += 1;
    try {
      return await (loading.get(key) ?? start(key));
    } finally {
      waiting -= 1;
    }
  };

  const start = async (key: string): Promise<T> => {
    if (loading.size >= options.parallel)
      throw new Unavailable(
        'TooManyLoads',
        `${options.parallel} keys or certificates are already being fetched`,
      );
    const promise = load(key);
    loading.set(key, promise);
    try {
      const value = await promise;
      put(values, key, { value, at: performance.now() }, options.entries);
      return value;
    } catch (error) {
      put(failures, key, { error, at: performance.now() }, options.entries);
      throw error;
    } finally {
      loading.delete(key);
    }
  };

  return {
    get: (key) => getYoungerThan(key, options.ttlMs),
    getFresh: (key) => getYoungerThan(key, options.coolDownMs),
  };
}

/** A map keeps its insertion order, so the least recently used entry is the first one. */
function put<V>(map: Map<string, V>, key: string, value: V, entries: number): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > entries && oldest !== undefined) map.delete(oldest);
}
