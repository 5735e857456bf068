import { Unavailable } from '../../domain/errors.ts';

export interface LoadingCacheOptions {
  /** How long a value is good, in milliseconds. */
  readonly ttlMs: number;
  /** How long nothing new is loaded for a key after it was loaded or failed to, in milliseconds. */
  readonly coolDownMs: number;
  /** Values kept at most; the one unused for longest goes first. */
  readonly entries: number;
  /** Loads under way at most; more than these are refused as `Unavailable`. */
  readonly parallel: number;
}

/** Values that are loaded from elsewhere, once for all that ask at the same time; a failure is remembered as well. */
export interface LoadingCache<T> {
  /** The value, loaded when there is none that is good; throws what loading it threw. */
  get(key: string): Promise<T>;
  /** A value no older than the cool-down; loaded if need be. The old one stays good when that fails. */
  getFresh(key: string): Promise<T>;
}

/** Remembers what `load` gives, so that whoever asks cannot make us load in a loop. */
export function createLoadingCache<T>(
  load: (key: string) => Promise<T>,
  options: LoadingCacheOptions,
): LoadingCache<T> {
  const values = new Map<string, { readonly value: T; readonly at: number }>();
  const failures = new Map<string, { readonly error: unknown; readonly at: number }>();
  const loading = new Map<string, Promise<T>>();

  const getYoungerThan = async (key: string, ageMs: number): Promise<T> => {
    const known = values.get(key);
    if (known !== undefined && performance.now() - known.at < ageMs) {
      put(values, key, known, options.entries);
      return known.value;
    }
    const failure = failures.get(key);
    if (failure !== undefined && performance.now() - failure.at < options.coolDownMs) throw failure.error;
    return loading.get(key) ?? start(key);
  };

  const start = async (key: string): Promise<T> => {
    if (loading.size >= options.parallel)
      throw new Unavailable('TooManyLoads', `${options.parallel} keys or certificates are being fetched`);
    const under = load(key);
    loading.set(key, under);
    try {
      const value = await under;
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

/** A map keeps its insertion order: what was put or used last is at its end. */
function put<V>(map: Map<string, V>, key: string, value: V, entries: number): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > entries && oldest !== undefined) map.delete(oldest);
}
